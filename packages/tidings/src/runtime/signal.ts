// A wake-up within the process: who waits is told, nothing is queued.

/** A signal that can be waited for or listened to. */
export class Signal {
  readonly #listeners = new Set<() => void>()

  /** Tells everyone who listens now. */
  fire(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Calls `listener` at every fire; returns the way to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
