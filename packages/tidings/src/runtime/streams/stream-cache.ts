// The states of recently written streams, so that a busy stream is not read again for every command.
// Invariant: a stale state is never committed on. Every append names its expected version, so a stale state causes a conflict and is
// evicted.

import type { LoadedStream } from './load-stream.ts'

/** A bounded cache; the stream written longest ago is evicted first. */
export class StreamCache {
  readonly #streams = new Map<string, LoadedStream>()
  readonly #withoutSnapshots = new Set<string>()
  readonly #countMax: number

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  /** Notes that a decider's snapshots are skipped; true for the first time. */
  skipsSnapshotsOf(decider: string): boolean {
    if (this.#withoutSnapshots.has(decider)) return false
    this.#withoutSnapshots.add(decider)
    return true
  }

  get(category: string, stream: string): LoadedStream | undefined {
    return this.#streams.get(`${category}/${stream}`)
  }

  set(category: string, stream: string, loaded: LoadedStream): void {
    const id = `${category}/${stream}`
    this.#streams.delete(id)
    this.#streams.set(id, loaded)
    if (this.#streams.size <= this.#countMax) return
    const [oldest] = this.#streams.keys()
    if (oldest !== undefined) this.#streams.delete(oldest)
  }

  drop(category: string, stream: string): void {
    this.#streams.delete(`${category}/${stream}`)
  }
}
