// Waits until a subscription has reached the head that its source had at the start of the wait.
// Invariant: what the source publishes later does not prolong the wait.

import { TidingsError } from '../../errors/index.ts'
import { signalOrTimeout, withTimeout } from '../concurrency/wait.ts'
import type { SubscriptionLoop } from './subscription-loop.ts'

/** The loop of a subscription as it is now: where instances share a store, its work may move to another instance meanwhile. */
export type CurrentLoop = () => SubscriptionLoop

/** Resolves when a subscription has reached the head that its source has now; if the source cannot be read, waits until it can. */
export async function headReached(current: CurrentLoop, closing: AbortSignal): Promise<void> {
  const { environment, service } = current().subscription.core
  const { pollMs } = service.limits
  while (!closing.aborted) {
    const head = await current().readHead()
    if (head !== undefined) {
      while (!current().hasReached(head) && !closing.aborted)
        await signalOrTimeout(environment.timeouts, current().moved, pollMs)
      return
    }
    await signalOrTimeout(environment.timeouts, current().moved, pollMs)
  }
}

/**
 * Resolves when a subscription has reached the head that its source has now. Stops waiting if the source cannot be read or the subscription
 * does not run: for work that must not wait for other services.
 */
export async function headReachedIfReadable(current: CurrentLoop, closing: AbortSignal): Promise<void> {
  const { subscription } = current()
  const { timeouts } = subscription.core.environment
  const { pollMs } = subscription.core.service.limits
  const late = () => new TidingsError('BROKER_UNAVAILABLE', `${subscription.source} cannot be read yet.`)
  const head = await withTimeout(timeouts, pollMs, current().readHead(), late).catch(() => undefined)
  while (head !== undefined && !current().hasReached(head) && current().isRunning && !closing.aborted)
    await signalOrTimeout(timeouts, current().moved, pollMs)
}
