// The options of the watchdog and its limits, which the main thread and the watchdog thread share. Invariant: nothing of Tidings is imported here, so that
// the thread stays small.

/** Options of the watchdog, a thread that ends the process if its main thread is blocked. */
export interface WatchdogOptions {
  /**
   * How long the main thread may be blocked, in milliseconds, before the process is ended. Meanwhile the process answers nothing, so clients and other
   * services have long given up; a function that really has to compute that long belongs into a worker thread. Default: 10,000.
   */
  readonly blockedMsMax?: number
}

/** See `WatchdogOptions.blockedMsMax`. */
export const defaultBlockedMsMax = 10_000

/** How long a process may go on without its supervisor, in milliseconds, if it does not end by itself. */
export const orphanMsMax = 3_000

/** How often the main thread beats and the watchdog looks, in milliseconds. */
export function tickMsOf(blockedMsMax: number): number {
  return Math.max(10, Math.min(500, Math.ceil(blockedMsMax / 20)))
}

/** From when on a main thread counts as blocked for those who look, in milliseconds: a part of the time after which the process is ended. */
export function saidBlockedMsOf(blockedMsMax: number): number {
  return blockedMsMax / 4
}
