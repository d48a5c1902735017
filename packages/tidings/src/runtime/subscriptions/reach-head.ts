// Waiting until a subscription has seen what its source held when it was asked. Invariant: what comes later holds nobody back.

import { TidingsError } from '../../errors/index.ts'
import type { Subscription } from './subscription-loop.ts'
import { signalOrTimeout, withTimeout } from '../concurrency/wait.ts'

/** Resolves when a subscription has reached the head that its source has now; a source that cannot be read holds it back. */
export async function reachedPresentHead(subscription: Subscription, isClosing: () => boolean): Promise<void> {
  const { host, service } = subscription.lane.core
  const { pollMs } = service.limits
  while (!isClosing()) {
    const page = await subscription.lane.feed.read(subscription.lane.seen, 1).catch(() => undefined)
    if (page !== undefined) {
      while (!subscription.hasReached(page.head) && !isClosing())
        await signalOrTimeout(host.scheduler, subscription.moved, pollMs)
      return
    }
    await signalOrTimeout(host.scheduler, subscription.moved, pollMs)
  }
}

/** The same as far as the source can be read now and its subscription goes on: for what must not wait for other services. */
export async function reachedHeadIfItCan(subscription: Subscription, isClosing: () => boolean): Promise<void> {
  const { lane } = subscription
  const { scheduler } = lane.core.host
  const { pollMs } = lane.core.service.limits
  const late = () => new TidingsError('BROKER_UNAVAILABLE', `${lane.feed.source} cannot be read yet.`)
  const page = await withTimeout(scheduler, pollMs, lane.feed.read(lane.seen, 1), late).catch(() => undefined)
  const goesOn = () => subscription.status.state === 'starting' || subscription.status.state === 'running'
  while (page !== undefined && !subscription.hasReached(page.head) && goesOn() && !isClosing())
    await signalOrTimeout(scheduler, subscription.moved, pollMs)
}
