// Who watches which source. A wake-up is a hint; reading is the truth.

/** Connects who publishes with who watches, across the engines of one driver. */
export class WakeUps {
  readonly #watchers = new Map<string, Set<() => void>>()

  /** Calls everyone who watches a source. */
  wake(source: string): void {
    for (const wake of [...(this.#watchers.get(source) ?? [])]) wake()
  }

  /** Watches a source; returns the way to stop. */
  watch(source: string, wake: () => void): () => void {
    const watchers = this.#watchers.get(source) ?? new Set()
    this.#watchers.set(source, watchers)
    // A wrapper of its own for each watch: the same function may watch twice.
    const own = () => wake()
    watchers.add(own)
    return () => {
      watchers.delete(own)
    }
  }
}
