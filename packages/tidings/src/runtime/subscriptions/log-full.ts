// What an operator reads in the log when a subscription takes nothing more, because its handlers have no place left.

import type { Subscription } from '../delivery/subscription.ts'

/** Logs that new events wait until a handler ends, and which one has run longest. */
export function logFull({ core, subscriber, source, limits, running }: Subscription): void {
  const { slowest } = running
  core.log.warn('So many handlers run that new events wait', {
    subscriber,
    source,
    running: running.count,
    runningCountMax: limits.runningCountMax,
    ...(slowest === undefined ? {} : { slowestKey: slowest.delivery.key }),
    next: 'npx tidings status',
  })
}
