// What a delivery that runs isolated behind a durable mark can do about its mark. A type only.

/** A delivery that runs isolated after a crash. */
export interface IsolatedRun {
  /** Runs work that only waits for others, without the mark: a process that dies meanwhile was not killed by the handler. */
  whileWaiting<T>(work: () => Promise<T>): Promise<T>
}
