// Watches of sources. A wake-up is only a hint; reading is the truth.

/** Connects publishers with watchers, across the engines of one driver. */
export class WakeUps {
  readonly #watchers = new Map<string, Set<() => void>>()

  /** Calls all watchers of a source. */
  wake(source: string): void {
    for (const wake of [...(this.#watchers.get(source) ?? [])]) wake()
  }

  /** Watches a source; returns a function that stops the watch. */
  watch(source: string, wake: () => void): () => void {
    const watchers = this.#watchers.get(source) ?? new Set()
    this.#watchers.set(source, watchers)
    // Each watch gets its own wrapper, because the same function may watch twice.
    const own = () => wake()
    watchers.add(own)
    return () => {
      watchers.delete(own)
    }
  }
}
