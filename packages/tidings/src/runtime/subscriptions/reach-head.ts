// Waiting until a subscription has seen what its source held when it was asked. Invariant: what comes later holds nobody back.

import { TidingsError } from '../../errors/index.ts'
import { signalOrTimeout, withTimeout } from '../concurrency/wait.ts'
import type { SubscriptionLoop } from './subscription-loop.ts'

/** Resolves when a subscription has reached the head that its source has now; a source that cannot be read holds it back. */
export async function headReached(loop: SubscriptionLoop, isClosing: () => boolean): Promise<void> {
  const { environment, service } = loop.subscription.core
  const { pollMs } = service.limits
  while (!isClosing()) {
    const page = await loop.subscription.reader.read(loop.subscription.seen, 1).catch(() => undefined)
    if (page !== undefined) {
      while (!loop.hasReached(page.head) && !isClosing())
        await signalOrTimeout(environment.timeouts, loop.moved, pollMs)
      return
    }
    await signalOrTimeout(environment.timeouts, loop.moved, pollMs)
  }
}

/** The same as far as the source can be read now and its subscription goes on: for what must not wait for other services. */
export async function headReachedIfReadable(loop: SubscriptionLoop, isClosing: () => boolean): Promise<void> {
  const { subscription } = loop
  const { timeouts } = subscription.core.environment
  const { pollMs } = subscription.core.service.limits
  const late = () => new TidingsError('BROKER_UNAVAILABLE', `${subscription.source} cannot be read yet.`)
  const page = await withTimeout(timeouts, pollMs, subscription.reader.read(subscription.seen, 1), late).catch(
    () => undefined,
  )
  const goesOn = () => loop.status.state === 'starting' || loop.status.state === 'running'
  while (page !== undefined && !loop.hasReached(page.head) && goesOn() && !isClosing())
    await signalOrTimeout(timeouts, loop.moved, pollMs)
}
