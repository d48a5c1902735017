// How long `tidings dev` waits before it restarts a system that has died: longer each time, and short again once it has run for a while.

/** The first pause, the longest one as a multiple of it, and how long a system must run for its deaths to be forgotten, in milliseconds. */
const firstMs = 500
const mostTimes = 32
const healthyMs = 10_000

/** The pause before a restart, and the deaths to count from then on. */
export interface RestartPause {
  readonly deaths: number
  readonly pauseMs: number
}

/** The next pause, from the number of deaths so far and how long the system has run. Pure. */
export function nextPause(deaths: number, ranMs: number): RestartPause {
  const counted = ranMs >= healthyMs ? 0 : deaths
  return { deaths: counted + 1, pauseMs: firstMs * Math.min(mostTimes, 2 ** counted) }
}
