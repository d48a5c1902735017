// Lets a delivery that runs isolated remove its durable mark while it waits. A type only.

/** A delivery that runs isolated after a crash. */
export interface IsolatedRun {
  /**
   * Runs work that only waits for something outside. The mark is removed meanwhile, so if the process dies then, the handler is not blamed.
   */
  whileWaiting<T>(work: () => Promise<T>): Promise<T>
}
