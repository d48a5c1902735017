// How long `tidings dev` waits before it restarts a system that has died: longer each time, and short again once it has run for a while.

import { type Backoff, nextDelay } from '@tidings/node'

/** Longer than those of a system that runs for others: somebody sits before it, and its next change restarts it at once. */
const pauses: Backoff = { firstMs: 500, mostMs: 16_000, forgetMs: 10_000 }

/** The pause before a restart, and the deaths to count from then on. */
export interface RestartPause {
  readonly deaths: number
  readonly pauseMs: number
}

/** The next pause, from the number of deaths so far and how long the system has run. Pure. */
export function nextPause(deaths: number, ranMs: number): RestartPause {
  const { failures, delayMs } = nextDelay(deaths, ranMs, pauses)
  return { deaths: failures, pauseMs: delayMs }
}
