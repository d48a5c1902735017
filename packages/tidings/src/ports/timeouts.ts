// The port for delayed callbacks.

/**
 * Runs callbacks later.
 *
 * Ordering: `soon` callbacks run in the order of their calls, after all pending promise jobs.
 * Failure: a callback that throws is a bug of the caller and may end the process.
 */
export interface Timeouts {
  /** Runs a callback once, after at least `delayMs` (at most 2^31-1). Returns a function that cancels it. */
  after(delayMs: number, run: () => void, options?: TimeoutOptions): () => void
  /** Runs a callback once, as soon as the running code and all pending promise jobs have finished. */
  soon(run: () => void): void
}

/** What a timeout may do besides. An environment without processes or without idle time may ignore them. */
export interface TimeoutOptions {
  /** Whether the process goes on until then, because a caller waits for it. Default: false. */
  readonly keepsAlive?: boolean
  /** How much later the callback may run, in milliseconds, so that many can run at one moment and the process rests in between. Default: 0. */
  readonly slackMs?: number
}
