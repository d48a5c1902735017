// Delivers a batch, step by step: skip what was handled before, run the rest together in one commit, and if that commit is refused, run
// them one by one. After a crash they run one by one from the start, each isolated. A delivery that fails is deferred, with the later
// ones of its key; the others continue (P5). So is one that takes too long: its handler goes on by itself.

import { isInstance, isTidingsError, retryOf, TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { IsolatedRun } from '../contexts/isolated-run.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { dequeue } from '../schedule/due-queue.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Attempt } from './attempt.ts'
import { BatchOrder } from './batch-order.ts'
import type { DeferredEvent } from './deferred-event.ts'
import { conflictError, invokeBatch } from './invoke-batch.ts'
import { isolate, killedError } from './poison-guard.ts'
import { type Outcome, recordOutcomes } from './record-outcomes.ts'
import { RunningDelivery, type RunResult } from './running-delivery.ts'
import type { Subscription } from './subscription.ts'
import { Fenced, Superseded } from './subscription-change.ts'

/** How often a batch that met a conflict runs together, before its deliveries run one by one. */
const togetherMax = 2

/** Delivers a batch and moves the checkpoint to `next`, or less far if there was not time for all of it. */
export async function deliverBatch(
  subscription: Subscription,
  deliveries: readonly Delivery[],
  next: Position,
): Promise<readonly Outcome[]> {
  const { position } = subscription.checkpoint
  const [first] = deliveries
  // They are in order, so usually a look at the first one is enough.
  const fresh =
    first === undefined || first.position > position
      ? deliveries
      : deliveries.filter((delivery) => delivery.position > position)
  const isolated = subscription.isIsolated(false)
  for (let tries = 0; fresh.length > 1 && !isolated && tries < togetherMax; tries++) {
    const outcomes = await deliverTogether(subscription, fresh, next)
    if (outcomes === 'refused') break
    if (outcomes !== 'conflict') return outcomes
  }
  const outcomes: Outcome[] = []
  for (const delivery of fresh) {
    if (subscription.isStopping && outcomes.length > 0) break
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
  const runs = isRetry || (!subscription.blocks(delivery) && subscription.running.at(delivery.position) === undefined)
  if (!runs || !subscription.isIsolated(isRetry)) return attemptOne(subscription, single, undefined)
  const isolation = await isolate(subscription, delivery)
  const { timeouts } = subscription.core.environment
  const cancel = timeouts.after(subscription.limits.batchMsMax, () => void isolation.leave())
  try {
    if (isolation.killed) return await recordFailure(subscription, single, killedError(delivery.type, isolation.runs))
    return await attemptOne(subscription, single, isolation)
  } finally {
    cancel()
    const running = isRetry ? undefined : subscription.running.at(delivery.position)
    if (running instanceof RunningDelivery) {
      void running.settled.then(() => isolation.end())
      await isolation.leave()
    } else isolation.end()
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
      if (before === undefined) giveUpRunning(subscription, delivery)
      // The store refuses the writes of this one delivery: that counts as its failure.
      return recordFailure(subscription, single, error)
    }
  }
  return recordFailure(subscription, single, conflictError(delivery.type, conflictRetriesMax + 1))
}

function giveUpRunning({ running }: Subscription, { position }: Delivery): void {
  const known = running.at(position)
  if (known !== undefined) running.giveUp(known)
}

/** Records the failure of a delivery whose handlers did not run, or whose writes cannot be committed. */
export async function recordFailure(
  subscription: Subscription,
  { delivery, before, next }: Omit<SingleDelivery, 'delivery'> & { readonly delivery: Delivery | DeferredEvent },
  error: unknown,
  durationMicros = 0,
): Promise<Outcome> {
  const failed: Attempt = { delivery, before, result: 'failed', durationMicros, error }
  for (let tries = 0; tries <= subscription.limits.conflictRetriesMax; tries++) {
    const outcomes = await recordOutcomes(subscription, subscription.newUnit(), [failed], next)
    if (outcomes?.[0] !== undefined) return outcomes[0]
  }
  // The subscription pauses, logs this, and tries again later.
  throw new TidingsError('CONFLICT', `The failure of ${delivery.type} could not be recorded.`, { cause: error })
}

async function deliverTogether(
  subscription: Subscription,
  deliveries: readonly Delivery[],
  next: Position,
): Promise<readonly Outcome[] | 'refused' | 'conflict'> {
  const unit = subscription.newUnit()
  const runnable = new BatchOrder(subscription).runnable(deliveries)
  const ran = await invokeBatch(subscription, unit, runnable)
  const last = ran.at(-1)
  // Nothing has begun, because the service closes.
  if (last === undefined && runnable.length > 0) return []
  const upTo = ran.length === runnable.length ? next : (last?.delivery.position ?? next)
  const attempts = runnable === deliveries ? ran : withBlocked(deliveries, ran, upTo)
  try {
    const outcomes =
      subscription.sequential && last?.result === 'running'
        ? await finishInOrder(subscription, unit, attempts, last.running)
        : await recordOutcomes(subscription, unit, attempts, upTo)
    return outcomes ?? 'conflict'
  } catch (error) {
    if (isRefusedCommit(error)) return 'refused'
    throw error
  }
}

// Where deliveries are handled one after the other, what has ended is committed, and the one that still runs is waited for.
async function finishInOrder(
  subscription: Subscription,
  unit: UnitOfWork,
  attempts: readonly Attempt[],
  running: RunningDelivery,
): Promise<readonly Outcome[] | undefined> {
  const { delivery } = running
  const ended = attempts.filter(({ delivery: { position } }) => position < delivery.position)
  const last = ended.at(-1)
  try {
    const before =
      last === undefined ? [] : await recordOutcomes(subscription, unit, ended, last.delivery.position, running)
    if (before === undefined) return undefined
    const result = await running.settled
    if (result.result === 'abandoned') return before
    subscription.running.release(running)
    return [...before, await conclude(subscription, running, result, { delivery, next: delivery.position })]
  } finally {
    subscription.running.giveUp(running)
  }
}

/** Commits what a handler has done that went on by itself; runs it again if that cannot be committed. */
export async function conclude(
  subscription: Subscription,
  running: RunningDelivery,
  result: RunResult,
  single: SingleDelivery,
): Promise<Outcome> {
  if (result.result === 'failed') return recordFailure(subscription, single, result.error, result.durationMicros)
  const { unit } = running
  if (result.result !== 'done' || unit === undefined) return deliverOne(subscription, single)
  const { delivery, before, next } = single
  const whole = subscription.newUnit()
  const attempts: readonly Attempt[] = [{ delivery, before, ...result }]
  try {
    // The commit that deferred it has moved it into its queue.
    if (delivery.direct !== undefined) dequeue(whole, delivery.direct.item, delivery.position)
    const outcomes = whole.merge(unit) ? await recordOutcomes(subscription, whole, attempts, next) : undefined
    return outcomes?.[0] ?? (await deliverOne(subscription, single))
  } catch (error) {
    if (!isRefusedCommit(error)) throw error
    return recordFailure(subscription, single, error, result.durationMicros)
  }
}

function withBlocked(deliveries: readonly Delivery[], ran: readonly Attempt[], upTo: Position): readonly Attempt[] {
  const byPosition = new Map(ran.map((attempt) => [attempt.delivery.position, attempt]))
  return deliveries
    .filter(({ position }) => position <= upTo)
    .map((delivery): Attempt => byPosition.get(delivery.position) ?? { delivery, before: undefined, result: 'blocked' })
}

// Whether the store refused the commit because of its content. A store that is unavailable has not refused anything.
function isRefusedCommit(error: unknown): boolean {
  return (
    retryOf(error) !== 'unavailable' &&
    !isTidingsError(error, 'CLOSED') &&
    !isInstance(error, Fenced) &&
    !isInstance(error, Superseded)
  )
}
