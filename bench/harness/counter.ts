// Counts what a contender has handled. Whoever waits for a number is woken up when it is reached, so that waiting uses no CPU time.

/** Counts up. */
export class Counter {
  #count = 0
  #wanted = Number.POSITIVE_INFINITY
  #reached: () => void = () => undefined

  /** The number so far. */
  get count(): number {
    return this.#count
  }

  /** One more was handled. */
  readonly add = (): void => {
    this.#count += 1
    if (this.#count >= this.#wanted) {
      this.#wanted = Number.POSITIVE_INFINITY
      // The transaction that the last one belongs to ends in this turn.
      setImmediate(this.#reached)
    }
  }

  /** Resolves when so many were handled. One at a time may wait. */
  async atLeast(count: number): Promise<void> {
    if (this.#count >= count) return
    await new Promise<void>((resolve) => {
      this.#wanted = count
      this.#reached = resolve
    })
  }
}
