// A wake-up within the process: who waits is told, nothing is queued.

/** A signal that can be waited for or listened to. */
export class Signal {
  readonly #listeners = new Set<() => void>()
  #fires = 0

  /** Tells everyone who listens now. */
  fire(): void {
    this.#fires++
    for (const listener of [...this.#listeners]) listener()
  }

  /** How often it has fired: who looked before it fired and listens after need not miss it. */
  get fires(): number {
    return this.#fires
  }

  /** Calls `listener` at every fire; returns the way to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
