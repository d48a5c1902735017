// Delivers a batch, step by step: skip what was handled before, run the rest together in one commit, and if that commit is refused, run
// them one by one. After a crash they run one by one from the start, each isolated. A delivery that fails is deferred, with the later
// ones of its key; the others continue (P5).

import { isInstance, isTidingsError, retryOf, TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { IsolatedRun } from '../contexts/isolated-run.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { Attempt } from './attempt.ts'
import { BatchOrder } from './batch-order.ts'
import type { DeferredEvent } from './deferred-event.ts'
import { conflictError, invokeBatch } from './invoke-batch.ts'
import { isolate, killedError } from './poison-guard.ts'
import { type Outcome, recordOutcomes } from './record-outcomes.ts'
import { Fenced, type Subscription } from './subscription.ts'

/** Delivers a batch and moves the checkpoint to `next`. */
export async function deliverBatch(
  subscription: Subscription,
  deliveries: readonly Delivery[],
  next: Position,
): Promise<readonly Outcome[]> {
  const fresh = deliveries.filter((delivery) => delivery.position > subscription.checkpoint.position)
  const isolated = subscription.isIsolated(false)
  if (fresh.length > 1 && !isolated) {
    const outcomes = await deliverTogether(subscription, fresh, next)
    if (outcomes !== undefined) return outcomes
  }
  const outcomes: Outcome[] = []
  for (const delivery of fresh) {
    const isLast = delivery === fresh.at(-1)
    outcomes.push(await deliverOne(subscription, { delivery, next: isLast ? next : delivery.position }))
  }
  if (fresh.length === 0) await subscription.advance(next)
  if (isolated) subscription.noteIsolated(Math.max(1, fresh.length))
  return outcomes
}

/** One delivery that is committed by itself. */
export interface SingleDelivery {
  readonly delivery: Delivery
  /** The position that the checkpoint moves to; absent for a retry. */
  readonly next?: Position
  /** How it was deferred before, if this is a retry. */
  readonly before?: DeferredEvent
}

/** Delivers one event in a commit of its own; isolated after a crash. */
export async function deliverOne(subscription: Subscription, single: SingleDelivery): Promise<Outcome> {
  const { delivery, before } = single
  const isRetry = before !== undefined
  const runs = isRetry || !subscription.blocks(delivery)
  if (!runs || !subscription.isIsolated(isRetry)) return attemptOne(subscription, single, undefined)
  const isolation = await isolate(subscription, delivery)
  try {
    if (isolation.killed) return await recordFailure(subscription, single, killedError(subscription, delivery.type))
    return await attemptOne(subscription, single, isolation)
  } finally {
    isolation.end()
  }
}

async function attemptOne(
  subscription: Subscription,
  single: SingleDelivery,
  isolated: IsolatedRun | undefined,
): Promise<Outcome> {
  const { delivery, before, next } = single
  const { conflictRetriesMax } = subscription.limits
  for (let tries = 0; tries <= conflictRetriesMax; tries++) {
    const unit = subscription.newUnit()
    const runnable = before !== undefined || !subscription.blocks(delivery)
    const attempts: readonly Attempt[] = runnable
      ? await invokeBatch(subscription, unit, [delivery], { before, isolated })
      : [{ delivery, before, result: 'blocked' }]
    try {
      const outcomes = await recordOutcomes(subscription, unit, attempts, next)
      if (outcomes?.[0] !== undefined) return outcomes[0]
    } catch (error) {
      if (!isRefusedCommit(error)) throw error
      // The store refuses the writes of this one delivery: that counts as its failure.
      return recordFailure(subscription, single, error)
    }
  }
  return recordFailure(subscription, single, conflictError(delivery.type, conflictRetriesMax + 1))
}

/** Records the failure of a delivery whose handlers did not run, or whose writes cannot be committed. */
export async function recordFailure(
  subscription: Subscription,
  { delivery, before, next }: Omit<SingleDelivery, 'delivery'> & { readonly delivery: Delivery | DeferredEvent },
  error: unknown,
): Promise<Outcome> {
  const failed: Attempt = { delivery, before, result: 'failed', durationMicros: 0, error }
  for (let tries = 0; tries <= subscription.limits.conflictRetriesMax; tries++) {
    const outcomes = await recordOutcomes(subscription, subscription.newUnit(), [failed], next)
    if (outcomes?.[0] !== undefined) return outcomes[0]
  }
  // The subscription pauses, logs this, and tries again later.
  throw new TidingsError('CONFLICT', `The failure of ${delivery.type} could not be recorded.`, { cause: error })
}

// Returns `undefined` if the commit was refused or there was a conflict: then the deliveries run one by one.
async function deliverTogether(
  subscription: Subscription,
  deliveries: readonly Delivery[],
  next: Position,
): Promise<readonly Outcome[] | undefined> {
  const unit = subscription.newUnit()
  const runnable = new BatchOrder(subscription).runnable(deliveries)
  const ran = await invokeBatch(subscription, unit, runnable)
  const attempts = runnable === deliveries ? ran : withBlocked(deliveries, ran)
  try {
    return await recordOutcomes(subscription, unit, attempts, next)
  } catch (error) {
    if (isRefusedCommit(error)) return undefined
    throw error
  }
}

function withBlocked(deliveries: readonly Delivery[], ran: readonly Attempt[]): readonly Attempt[] {
  const byPosition = new Map(ran.map((attempt) => [attempt.delivery.position, attempt]))
  return deliveries.map(
    (delivery): Attempt => byPosition.get(delivery.position) ?? { delivery, before: undefined, result: 'blocked' },
  )
}

// Whether the store refused the commit because of its content. A store that is unavailable has not refused anything.
function isRefusedCommit(error: unknown): boolean {
  return retryOf(error) !== 'unavailable' && !isTidingsError(error, 'CLOSED') && !isInstance(error, Fenced)
}
