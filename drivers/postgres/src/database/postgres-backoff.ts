// How long to wait before another attempt to reach a database: longer each time, and never the same for all who wait, so that a server that comes back is not
// met by all of them at once.

import type { Random } from 'tidings/ports'

/** The shortest and the longest pause, in milliseconds. */
export interface Backoff {
  readonly leastMs: number
  readonly mostMs: number
}

/** The pause after `failures` attempts that failed before: half of what it may be, and a random part of the other half. */
export function pauseAfter(failures: number, { leastMs, mostMs }: Backoff, random: Random): number {
  return Math.min(mostMs, leastMs * 2 ** failures) * (0.5 + random.next() / 2)
}
