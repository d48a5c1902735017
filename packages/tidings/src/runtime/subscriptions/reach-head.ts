// Waits until a subscription has reached the head that its source had at the start of the wait.
// Invariant: what the source publishes later does not prolong the wait.

import { TidingsError } from '../../errors/index.ts'
import { signalOrTimeout, withTimeout } from '../concurrency/wait.ts'
import type { SubscriptionLoop } from './subscription-loop.ts'

/** Resolves when a subscription has reached the head that its source has now; if the source cannot be read, waits until it can. */
export async function headReached(loop: SubscriptionLoop, closing: AbortSignal): Promise<void> {
  const { environment, service } = loop.subscription.core
  const { pollMs } = service.limits
  while (!closing.aborted) {
    const head = await loop.readHead()
    if (head !== undefined) {
      while (!loop.hasReached(head) && !closing.aborted) await signalOrTimeout(environment.timeouts, loop.moved, pollMs)
      return
    }
    await signalOrTimeout(environment.timeouts, loop.moved, pollMs)
  }
}

/**
 * Resolves when a subscription has reached the head that its source has now. Stops waiting if the source cannot be read or the subscription
 * does not run: for work that must not wait for other services.
 */
export async function headReachedIfReadable(loop: SubscriptionLoop, closing: AbortSignal): Promise<void> {
  const { subscription } = loop
  const { timeouts } = subscription.core.environment
  const { pollMs } = subscription.core.service.limits
  const late = () => new TidingsError('BROKER_UNAVAILABLE', `${subscription.source} cannot be read yet.`)
  const head = await withTimeout(timeouts, pollMs, loop.readHead(), late).catch(() => undefined)
  const isRunning = () => loop.status.state === 'starting' || loop.status.state === 'running'
  while (head !== undefined && !loop.hasReached(head) && isRunning() && !closing.aborted)
    await signalOrTimeout(timeouts, loop.moved, pollMs)
}
