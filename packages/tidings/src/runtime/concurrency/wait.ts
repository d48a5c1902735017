// Waits that use the environment's timeouts: for a time, for a signal, or for a promise.

import type { TimeoutOptions, Timeouts } from '../../ports/index.ts'
import type { Signal } from './signal.ts'

/** Resolves after `delayMs`. A caller waits for it, so the process goes on meanwhile. */
export function pause(timeouts: Timeouts, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    timeouts.after(delayMs, resolve, { keepsAlive: true })
  })
}

/**
 * How much later a look that is not urgent may come: many services that have nothing to do look at the same moment, so that their process rests in
 * between.
 */
export function pollSlackMs(delayMs: number, pollMs: number): number {
  return delayMs === pollMs ? pollMs / 10 : 0
}

/** How to wait for a signal. */
export interface SignalWait {
  /** The signal's `fires` when you last looked. If it has fired since, the wait ends at once. Default: its `fires` now. */
  readonly since?: number | undefined
  /** Whether the process goes on meanwhile, because a caller waits. Default: false. */
  readonly keepsAlive?: boolean
}

/** Resolves with true when the signal fires next, or with false after `timeoutMs`. */
export function signalOrTimeout(
  timeouts: Timeouts,
  signal: Signal,
  timeoutMs: number,
  { since = signal.fires, keepsAlive = false }: SignalWait = {},
): Promise<boolean> {
  if (signal.fires !== since) return Promise.resolve(true)
  return new Promise((resolve) => {
    const stop = signal.listen(() => settle(true))
    const cancel = timeouts.after(timeoutMs, () => settle(false), { keepsAlive })
    const settle = (fired: boolean) => {
      stop()
      cancel()
      resolve(fired)
    }
  })
}

/** Settles like the promise, or rejects with the error of `onTimeout` after `timeoutMs`. */
export function withTimeout<T>(
  timeouts: Timeouts,
  timeoutMs: number,
  promise: Promise<T>,
  onTimeout: () => Error,
  options?: TimeoutOptions,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = timeouts.after(timeoutMs, () => reject(onTimeout()), options)
    promise.then(
      (value) => {
        cancel()
        resolve(value)
      },
      (error) => {
        cancel()
        reject(error)
      },
    )
  })
}
