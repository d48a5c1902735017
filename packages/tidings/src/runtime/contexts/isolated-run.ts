// What a delivery that runs alone behind a mark can do about it.

/** A mark on the delivery that is running alone. */
export interface Suspicion {
  /** Runs work that only waits for others: a process that dies meanwhile was not ended by the handler. */
  whileWaiting<T>(work: () => Promise<T>): Promise<T>
}
