// Retries deferred events: the first of a key by itself, and when it is done, the later ones of its key in order.

import { TidingsError } from '../../errors/index.ts'
import { formatPosition } from '../../ports/index.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { historyReplaced } from './check-epoch.ts'
import type { DeferredEvent } from './deferred-event.ts'
import { deliverOne, recordFailure } from './deliver-batch.ts'
import { handlerGone } from './handler-gone.ts'
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
  if (subscription.needsPlacing) await placeDeferred(subscription)
  const now = subscription.core.environment.clock.now()
  const due = retryable(subscription).filter((head) => isDue(subscription, head, now))
  for (const head of due) {
    const outcome = await retryFrom(subscription, head)
    if (outcome?.unavailable === true) return { worked: true, unavailable: true }
  }
  return { worked: due.length > 0, unavailable: false }
}

// The first of each key, unless it is parked, or an earlier one is deferred by a handler that catches up.
function retryable(subscription: Subscription): readonly DeferredEvent[] {
  return [...subscription.deferred.heads()].filter(
    (head) => head.state !== 'parked' && subscription.deferredByCatchUp(head) === undefined,
  )
}

// If a due time is further ahead than the longest delay, it was set before the clock was moved back; it counts as due.
function isDue({ limits }: Subscription, { dueAt }: DeferredEvent, now: number): boolean {
  return dueAt <= now || dueAt - now > limits.retryDelayMsMax
}

// When an event is done, those that it has blocked follow, in order.
async function retryFrom(subscription: Subscription, first: DeferredEvent): Promise<Outcome | undefined> {
  for (const event of subscription.deferred.from(first)) {
    const current = subscription.deferred.at(event.position)
    if (current === undefined || subscription.deferred.isBehind(current)) continue
    if (current.state === 'parked') return undefined
    const outcome = await retryOne(subscription, current)
    if (outcome.outcome !== 'done') return outcome
  }
  return undefined
}

async function retryOne(subscription: Subscription, head: DeferredEvent): Promise<Outcome> {
  const delivery = await readDeferred(subscription, head)
  if (delivery !== undefined) {
    if (await placeAnew(subscription, [{ event: head, delivery }])) return { ...moved, position: head.position }
    return deliverOne(subscription, { delivery, before: head })
  }
  // The reader finds only what the handlers of today hear.
  const gone = subscription.audience?.goneOf(head)
  return recordFailure(
    subscription,
    { delivery: head, before: head },
    gone !== undefined
      ? handlerGone(subscription.core.service.name, head, gone)
      : new TidingsError(
          'HISTORY_GONE',
          `${head.type} at ${head.position} is no longer in the history of ${subscription.source}.`,
        ),
  )
}

// It is retried with the others of its instance.
const moved = { outcome: 'retry', unavailable: false } as const

// Finds out which instances of process managers belong to deferred events that earlier builds stored under the key of their event, so that
// they hold up only those.
async function placeDeferred(subscription: Subscription): Promise<void> {
  const inOrder = subscription.unplaced.toSorted((a, b) => (a.position < b.position ? -1 : 1))
  const { batchCountMax } = subscription.limits
  for (let at = 0; at < inOrder.length; at += batchCountMax) {
    const found: PlacedDelivery[] = []
    for (const event of inOrder.slice(at, at + batchCountMax)) {
      const delivery = await readDeferred(subscription, event)
      if (delivery !== undefined) found.push({ event, delivery })
    }
    await placeAnew(subscription, found)
  }
  subscription.notePlaced()
}

interface PlacedDelivery {
  readonly event: DeferredEvent
  readonly delivery: Delivery
}

// Stores events whose instances are known now; returns whether there were any.
async function placeAnew(subscription: Subscription, found: readonly PlacedDelivery[]): Promise<boolean> {
  const deferred = found.flatMap(({ event, delivery }): DeferredEvent[] => {
    if (event.keys !== undefined) return []
    const place = subscription.placeOf(delivery)
    return place.keys === undefined ? [] : [{ ...event, ...place }]
  })
  if (deferred.length === 0) return false
  return subscription.commit(subscription.newUnit(), { deferred })
}

// A deferred event is kept by reference: it is read again from its source's history, at its position.
async function readDeferred(subscription: Subscription, deferred: DeferredEvent): Promise<Delivery | undefined> {
  const { position, id } = deferred
  const page = await subscription.reader.read(formatPosition(Number(position) - 1), 1)
  const [delivery] = page.deliveries
  if (delivery?.position !== position) return undefined
  if (delivery.id !== id) throw historyReplaced(subscription, deferred, delivery.id)
  return delivery
}
