// Timeouts on Node: timers, which keep the process alive only if a caller waits for them, and `setImmediate` for `soon`.

import type { Timeouts } from 'tidings/ports'

/** The longest delay of a Node timer; a longer one would fire at once. */
const delayMsMax = 2 ** 31 - 1

/** Timeouts on Node's timers. */
export const nodeTimeouts: Timeouts = {
  after: (delayMs, run, { keepsAlive = false, slackMs = 0 } = {}) => {
    const leastMs = slackMs === 0 ? delayMs : delayMs + untilNextMultiple(slackMs, performance.now() + delayMs)
    const timer = setTimeout(run, Math.min(Math.max(0, leastMs), delayMsMax))
    if (!keepsAlive) timer.unref()
    return () => clearTimeout(timer)
  },
  soon: (run) => {
    setImmediate(run)
  },
}

// All timeouts with the same slack run at the same moments.
function untilNextMultiple(slackMs: number, atMs: number): number {
  return slackMs - (atMs % slackMs)
}
