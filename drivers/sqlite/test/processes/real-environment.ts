// The real environment, for tests and the processes they start.

import { randomUUID } from 'node:crypto'
import type { Environment } from 'tidings/ports'

/** This process's clock, ids and event loop. */
export const realEnvironment: Environment = {
  clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
  ids: { next: () => randomUUID() },
  random: { next: () => Math.random() },
  log: () => {},
  timeouts: {
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs).unref()
      return () => clearTimeout(timer)
    },
    soon: (run) => void setImmediate(run),
  },
}
