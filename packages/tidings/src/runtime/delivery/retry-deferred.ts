// Retries deferred events: the first of a key by itself, and when it is done, the later ones of its key in order. Keys are retried side by side, unless
// the subscription handles everything in order. Invariant: an event is retried by one task at a time, and never before an earlier one of its key.

import { TidingsError } from '../../errors/index.ts'
import { formatPosition } from '../../ports/index.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { historyReplaced } from './check-epoch.ts'
import type { DeferredEvent } from './deferred-event.ts'
import { conclude, deliverOne, recordFailure } from './deliver-batch.ts'
import { handlerGone } from './handler-gone.ts'
import { isForNewerCode, newerCodeMissing, newerPlace } from './newer-code-missing.ts'
import type { Outcome } from './record-outcomes.ts'
import type { RunningDelivery } from './running-delivery.ts'
import type { Subscription } from './subscription.ts'

/** When there is next something to retry, in milliseconds since 1970; `undefined` if nothing is, or if a retry has to end before. */
export function nextRetryAt(subscription: Subscription): number | undefined {
  const now = subscription.core.environment.clock.now()
  let next: number | undefined
  for (const head of retryable(subscription)) {
    const dueAt = isDue(subscription, head, now) ? now : head.dueAt
    if (next === undefined || dueAt < next) next = dueAt
  }
  if (next === undefined || next > now || subscription.sequential) return next
  const { countLeft, moreInMs } = roomForRetries(subscription)
  if (countLeft > 0) return next
  return moreInMs === undefined ? undefined : now + moreInMs
}

/** Retries what is due, in order; stops early if something needed is unavailable. Returns whether it did anything, and whether it stopped early. */
export async function retryInOrder(
  subscription: Subscription,
): Promise<{ readonly worked: boolean; readonly unavailable: boolean }> {
  const due = dueNow(subscription)
  for (const head of due) {
    const outcome = await retryFrom(subscription, subscription.deferred.from(head))
    if (outcome?.unavailable === true) return { worked: true, unavailable: true }
  }
  return { worked: due.length > 0, unavailable: false }
}

/** Begins to retry what is due, each key by itself, as far as there is room; returns the retries. */
export function beginRetries(subscription: Subscription, countMax: number): readonly Promise<Outcome | undefined>[] {
  if (subscription.deferred.count === 0) return []
  const count = Math.min(countMax, roomForRetries(subscription).countLeft)
  if (count <= 0) return []
  return dueNow(subscription)
    .slice(0, count)
    .map((head) => retryFrom(subscription, subscription.deferred.from(head)))
}

/** Waits for a handler that goes on, commits what it has done, and continues with its key. */
export async function finishRunning(
  subscription: Subscription,
  running: RunningDelivery,
): Promise<Outcome | undefined> {
  const { delivery } = running
  try {
    const result = await running.settled
    const before = subscription.deferred.at(delivery.position)
    if (result.result === 'abandoned' || before === undefined) return undefined
    const [, ...later] = subscription.deferred.from(before)
    const outcome = await conclude(subscription, running, result, { delivery, before })
    subscription.running.release(running)
    if (outcome.outcome !== 'done') return outcome
    subscription.noteMove()
    return await retryFrom(subscription, later)
  } finally {
    subscription.running.release(running)
  }
}

function dueNow(subscription: Subscription): readonly DeferredEvent[] {
  const now = subscription.core.environment.clock.now()
  return retryable(subscription).filter((head) => isDue(subscription, head, now))
}

// The first of each key, unless it is parked, runs already, or an earlier one is deferred by a handler that catches up.
function retryable(subscription: Subscription): readonly DeferredEvent[] {
  return [...subscription.deferred.heads()].filter(
    (head) =>
      head.state !== 'parked' &&
      !isLeftToNewerCode(subscription, head) &&
      subscription.running.at(head.position) === undefined &&
      subscription.deferredByCatchUp(head) === undefined,
  )
}

// While older code does the work, what waits for newer code is not tried.
function isLeftToNewerCode({ core, audience }: Subscription, event: DeferredEvent): boolean {
  return core.isOutdated && isForNewerCode(event) && (audience?.waitsForNewerCode(event) ?? true)
}

// How many more retries may begin. They leave half of the places to new events, and as many run side by side as keys of a batch; one that takes long
// no longer counts there.
function roomForRetries({ running, limits, core }: Subscription): { countLeft: number; moreInMs: number | undefined } {
  const { keysInParallelMax, runningCountMax, batchMsMax } = limits
  const now = core.environment.clock.monotonicMs()
  let fresh = 0
  let moreInMs: number | undefined
  for (const { startedAt } of running.all()) {
    const leftMs = startedAt + batchMsMax - now
    if (leftMs <= 0) continue
    fresh++
    if (moreInMs === undefined || leftMs < moreInMs) moreInMs = leftMs
  }
  const places = Math.ceil(runningCountMax / 2) - running.count
  return places <= 0
    ? { countLeft: 0, moreInMs: undefined }
    : { countLeft: Math.min(places, keysInParallelMax - fresh), moreInMs }
}

// If a due time is further ahead than the longest delay, it was set before the clock was moved back; it counts as due.
function isDue({ limits }: Subscription, { dueAt }: DeferredEvent, now: number): boolean {
  return dueAt <= now || dueAt - now > limits.retryDelayMsMax
}

// When an event is done, those that it has blocked follow, in order.
async function retryFrom(subscription: Subscription, events: readonly DeferredEvent[]): Promise<Outcome | undefined> {
  for (const { position } of events) {
    if (subscription.isStopping) return undefined
    const current = subscription.deferred.at(position)
    if (current === undefined || subscription.deferred.isBehind(current)) continue
    // Another key of it was retried, too, and came first.
    if (subscription.running.at(position) !== undefined) continue
    if (current.state === 'parked' || isLeftToNewerCode(subscription, current)) return undefined
    const outcome = await retryClaimed(subscription, current)
    if (outcome.outcome !== 'done') return outcome
    subscription.noteMove()
  }
  return undefined
}

async function retryClaimed(subscription: Subscription, event: DeferredEvent): Promise<Outcome> {
  const startedAt = subscription.core.environment.clock.monotonicMs()
  const claim = subscription.running.claim({ delivery: event, startedAt, abandon: () => {} })
  try {
    return await retryOne(subscription, event)
  } finally {
    subscription.running.release(claim)
  }
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

/**
 * Finds out which instances of process managers belong to deferred events that earlier builds stored under the key of their event, so that
 * they hold up only those.
 */
export async function placeDeferred(subscription: Subscription): Promise<void> {
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
  // What older code has left to newer code is due at once, where it belongs.
  subscription.retryWaiting(newerCodeMissing)
}

interface PlacedDelivery {
  readonly event: DeferredEvent
  readonly delivery: Delivery
}

// Stores events whose instances are known now; returns whether there were any.
async function placeAnew(subscription: Subscription, found: readonly PlacedDelivery[]): Promise<boolean> {
  const deferred = found.flatMap(({ event, delivery }): DeferredEvent[] => {
    if (event.keys !== undefined && !event.keys.includes(newerPlace)) return []
    const place = subscription.placeOf(delivery)
    return place.keys === undefined || place.keys.includes(newerPlace) ? [] : [{ ...event, ...place }]
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
