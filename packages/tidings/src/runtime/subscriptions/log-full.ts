// What an operator reads when a subscription takes nothing more: because its handlers have no place left, or because it has deferred too much.

import { TidingsError } from '../../errors/index.ts'
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

/** Throws `DEFERRED_LIST_FULL` if a subscription has deferred as many events as it may. */
export function checkDeferredCount({ deferred, subscriber, source, core }: Subscription): void {
  const { deferredCountMax } = core.service.limits
  if (deferred.count >= deferredCountMax) {
    throw new TidingsError(
      'DEFERRED_LIST_FULL',
      `${subscriber} of ${core.service.name} has deferred ${deferred.count} events of ${source}; deferredCountMax is ${deferredCountMax}.`,
    )
  }
}
