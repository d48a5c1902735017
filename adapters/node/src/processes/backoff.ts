// How long to wait before a process is started again: at once after it ran well for a while, longer and longer while it does not.

/** The first pause, the longest one, and how long a process must have run for its past to be forgotten. */
export const backoff = { firstMs: 50, mostMs: 5_000, forgetMs: 5_000 } as const

/** How a process has fared. */
export interface Pause {
  readonly failures: number
  readonly delayMs: number
}

/** The next pause, from the last one and how long the process ran since. Pure. */
export function nextDelay(failures: number, ranMs: number): Pause {
  const counted = ranMs >= backoff.forgetMs ? 0 : failures
  return { failures: counted + 1, delayMs: Math.min(backoff.mostMs, backoff.firstMs * 2 ** counted) }
}
