// The few globals of every modern JavaScript platform (browsers, Node, workers) that the core may use.
// Clocks, timers and randomness are left out on purpose: they are ports. Only the core's own type check reads this file.

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
declare const AbortSignal: {
  abort(reason?: unknown): AbortSignal
  any(signals: Iterable<AbortSignal>): AbortSignal
}
interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
declare const AbortController: { new (): AbortController }

declare const TextEncoder: { new (): { encode(text?: string): Uint8Array<ArrayBuffer> } }
declare const TextDecoder: {
  new (label?: 'utf-8', options?: { fatal?: boolean; ignoreBOM?: boolean }): { decode(bytes?: Uint8Array): string }
}
declare function structuredClone<T>(value: T): T
declare function queueMicrotask(callback: () => void): void
