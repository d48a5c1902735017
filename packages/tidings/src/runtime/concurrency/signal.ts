// A wake-up within the process: it calls its listeners and queues nothing.

/** A signal that can be waited for or listened to. */
export class Signal {
  readonly #listeners = new Set<() => void>()
  #fires = 0

  /** Calls everyone who listens now. */
  fire(): void {
    this.#fires++
    for (const listener of [...this.#listeners]) listener()
  }

  /** How often it has fired. Comparing two values shows whether it fired in between. */
  get fires(): number {
    return this.#fires
  }

  /** Calls `listener` at every fire; returns a function that stops this. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
