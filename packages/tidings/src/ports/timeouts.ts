// The port for delayed callbacks.

/**
 * Runs callbacks later.
 *
 * Ordering: `soon` callbacks run in the order of their calls, after all pending promise jobs.
 * Failure: a callback that throws is a bug of the caller and may end the process.
 */
export interface Timeouts {
  /** Runs a callback once, after at least `delayMs` (at most 2^31-1). Returns a function that cancels it. Does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void
  /** Runs a callback once, as soon as the running code and all pending promise jobs have finished. */
  soon(run: () => void): void
}
