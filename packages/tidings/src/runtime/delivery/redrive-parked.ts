// What a redrive does to parked events: they are retried as if for the first time. Nothing leaves the list of parked events unhandled, unless an operator
// has said so.

import { type DeferredEvent, retryAnew } from './deferred-event.ts'
import { withoutGone } from './handler-gone.ts'
import type { Subscription } from './subscription.ts'

/**
 * Lets parked events be retried with their attempts reset; skips those that another redrive has released already, and keeps those whose handlers
 * no longer exist.
 *
 * @param goesOn - whether to go on without handlers that no longer exist. An event for which none is left is given up.
 */
export async function redriveParked(
  subscription: Subscription,
  parked: readonly DeferredEvent[],
  goesOn = false,
): Promise<void> {
  const now = subscription.core.environment.clock.now()
  const deferred: DeferredEvent[] = []
  const settled: DeferredEvent[] = []
  for (const head of parked) {
    if (subscription.deferred.at(head.position) !== head) continue
    const gone = subscription.audience?.goneOf(head)
    if (gone === undefined) deferred.push(retryAnew(head, now))
    else if (goesOn) {
      const left = withoutGone(head, gone)
      if (left === undefined) settled.push(head)
      else deferred.push(retryAnew(left, now))
    }
  }
  if (deferred.length + settled.length > 0) await subscription.commit(subscription.newUnit(), { deferred, settled })
}
