// The delay before something that failed is tried again.

import type { Random } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'

/** The delay before the next attempt: doubled each time up to a limit, and shortened by up to a fifth at random, so that retries spread out. */
export function retryDelay(failures: number, limits: Limits, random: Random): number {
  const full = Math.min(limits.retryDelayMs * 2 ** Math.min(failures - 1, 30), limits.retryDelayMsMax)
  return Math.ceil(full * (1 - 0.2 * random.next()))
}
