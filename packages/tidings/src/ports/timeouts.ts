// When something runs, as a value that is passed in.

/**
 * The timeouts.
 *
 * Ordering: `soon` callbacks run in the order they were given, after the promise jobs that are due now.
 * Failure: a callback that throws is a bug of the caller; the timeouts may let it end the process.
 */
export interface Timeouts {
  /** Runs a callback once after at least so many milliseconds (at most 2^31-1). Returns the way to cancel. Does not keep a process alive. */
  after(delayMs: number, run: () => void): () => void
  /** Runs a callback once, as soon as what is running now has come to rest. */
  soon(run: () => void): void
}
