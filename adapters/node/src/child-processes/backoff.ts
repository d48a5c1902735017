// How long to wait before a process is restarted: longer each time it ends soon after its start, and short again once it has run for a
// while.

/** The first delay, the longest one, and how long a process must run before its failures are forgotten, in milliseconds. */
export interface Backoff {
  readonly firstMs: number
  readonly mostMs: number
  readonly forgetMs: number
}

/** The delays of the processes of a system. */
export const backoff: Backoff = { firstMs: 50, mostMs: 5_000, forgetMs: 5_000 }

/** The delay before a restart, and the failures to count from then on. */
export interface Pause {
  readonly failures: number
  readonly delayMs: number
}

/** The next delay, from the number of failures so far and how long the process has run. Pure. */
export function nextDelay(failures: number, ranMs: number, { firstMs, mostMs, forgetMs }: Backoff = backoff): Pause {
  const counted = ranMs >= forgetMs ? 0 : failures
  return { failures: counted + 1, delayMs: Math.min(mostMs, firstMs * 2 ** counted) }
}
