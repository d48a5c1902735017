// Timeouts on Node: timers that do not keep the process alive, and `setImmediate` for `soon`.

import type { Timeouts } from 'tidings/ports'

/** The longest delay of a Node timer; a longer one would fire at once. */
const delayMsMax = 2 ** 31 - 1

/** Timeouts on Node's timers. */
export const nodeTimeouts: Timeouts = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), delayMsMax))
    timer.unref()
    return () => clearTimeout(timer)
  },
  soon: (run) => {
    setImmediate(run)
  },
}
