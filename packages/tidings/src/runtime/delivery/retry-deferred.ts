// Retries deferred events: the first of a key by itself, and when it is done, the later ones of its key in order.

import { TidingsError } from '../../errors/index.ts'
import { formatPosition } from '../../ports/index.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { DeferredEvent } from './deferred-event.ts'
import { deliverOne, recordFailure } from './deliver-batch.ts'
import type { Outcome } from './record-outcomes.ts'
import type { Subscription } from './subscription.ts'

/** When the next deferred event is due, in milliseconds since 1970; `undefined` if none is. */
export function nextRetryAt(subscription: Subscription): number | undefined {
  const now = subscription.core.environment.clock.now()
  let next: number | undefined
  for (const head of retryable(subscription)) {
    const dueAt = isDue(subscription, head, now) ? now : head.dueAt
    if (next === undefined || dueAt < next) next = dueAt
  }
  return next
}

/** Retries what is due; stops early if something needed is unavailable. Returns whether it did anything, and whether it stopped early. */
export async function retryDeferred(
  subscription: Subscription,
): Promise<{ readonly worked: boolean; readonly unavailable: boolean }> {
  const now = subscription.core.environment.clock.now()
  const due = retryable(subscription).filter((head) => isDue(subscription, head, now))
  for (const head of due) {
    const outcome = await retryKey(subscription, head.key)
    if (outcome?.unavailable === true) return { worked: true, unavailable: true }
  }
  return { worked: due.length > 0, unavailable: false }
}

// The first of each key, unless it is parked, or an earlier one is deferred by a handler that catches up.
function retryable(subscription: Subscription): readonly DeferredEvent[] {
  return [...subscription.deferred.heads()].filter(
    (head) => head.state !== 'parked' && subscription.deferredByCatchUp(head.key) === undefined,
  )
}

// If a due time is further ahead than the longest delay, it was set before the clock was moved back; it counts as due.
function isDue({ limits }: Subscription, { dueAt }: DeferredEvent, now: number): boolean {
  return dueAt <= now || dueAt - now > limits.retryDelayMsMax
}

async function retryKey(subscription: Subscription, key: string): Promise<Outcome | undefined> {
  for (;;) {
    const [head] = subscription.deferred.ofKey(key)
    if (head === undefined) return undefined
    const outcome = await retryOne(subscription, head)
    if (outcome.outcome !== 'done') return outcome
  }
}

async function retryOne(subscription: Subscription, head: DeferredEvent): Promise<Outcome> {
  const delivery = await readDeferred(subscription, head)
  if (delivery !== undefined) return deliverOne(subscription, { delivery, before: head })
  return recordFailure(
    subscription,
    { delivery: head, before: head },
    new TidingsError(
      'HISTORY_GONE',
      `${head.type} at ${head.position} is no longer in the history of ${subscription.source}.`,
    ),
  )
}

// A deferred event is kept by reference: it is read again from its source's history, at its position.
async function readDeferred(subscription: Subscription, { position }: DeferredEvent): Promise<Delivery | undefined> {
  const page = await subscription.reader.read(formatPosition(Number(position) - 1), 1)
  const [delivery] = page.deliveries
  return delivery?.position === position ? delivery : undefined
}
