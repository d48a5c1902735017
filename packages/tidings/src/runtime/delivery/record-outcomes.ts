// The one place that records the outcomes of deliveries: first attempts, retries, redrives and recovery after a crash all end here.
// The writes of the handlers, deferred events, delivery records and the checkpoint are one fenced commit (P1, P3).

import { retryOf } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Attempt } from './attempt.ts'
import { attemptsOf, type DeferredEvent, deferUntried } from './deferred-event.ts'
import { type DeliveryRecord, keepRecords, pruneDeliveries, stageRetries } from './delivery-log.ts'
import { logOutcomes } from './log-outcomes.ts'
import { clearMark } from './poison-guard.ts'
import { deferFailed } from './retry-policy.ts'
import type { RunningDelivery } from './running-delivery.ts'
import type { Subscription } from './subscription.ts'
import type { Checkpoint } from './subscription-change.ts'

/** The outcome of a delivery. */
export interface Outcome {
  readonly position: Position
  /** `done`: handled and committed · `retry`: deferred, retried at `dueAt` · `parked`: deferred until a redrive. */
  readonly outcome: 'done' | 'retry' | 'parked'
  readonly dueAt?: number
  /** True if something the handler needs is unavailable: the subscription should pause. */
  readonly unavailable: boolean
}

const pruneEvery = 32

const unfinished = { blocked: 'blocked', postponed: 'retrying', running: 'running' } as const

/**
 * Commits the outcomes of attempts together with the unit they ran in; returns `undefined` if there was a conflict.
 *
 * @param next - the position that the checkpoint moves to; absent for retries, which do not move it.
 * @param waited - a delivery that began in the unit, is not part of the attempts, and is committed by itself.
 */
export async function recordOutcomes(
  subscription: Subscription,
  unit: UnitOfWork,
  attempts: readonly Attempt[],
  next: Position | undefined,
  waited?: RunningDelivery,
): Promise<readonly Outcome[] | undefined> {
  const now = subscription.core.environment.clock.now()
  const settled: DeferredEvent[] = []
  /** Parked before, and now part of another deferred event. */
  const merged: DeferredEvent[] = []
  const deferred: DeferredEvent[] = []
  const records: DeliveryRecord[] = []
  const outcomes: Outcome[] = []
  const running: RunningDelivery[] = waited === undefined ? [] : [waited]
  let handled = 0
  for (const attempt of attempts) {
    const { delivery, before } = attempt
    const { position } = delivery
    if (attempt.result !== 'done' && before === undefined && subscription.direct !== undefined)
      await subscription.direct.claim(unit, position)
    if (attempt.result !== 'done' && attempt.result !== 'failed') {
      if (attempt.result === 'running') running.push(attempt.running)
      deferred.push(deferUntried(subscription.referenceTo(before ?? delivery), unfinished[attempt.result], now))
      outcomes.push({ position, outcome: 'retry', dueAt: now, unavailable: false })
      continue
    }
    const number = before === undefined ? 1 : attemptsOf(before) + 1
    const { durationMicros } = attempt
    if (attempt.result === 'done') {
      if (before !== undefined) settled.push(before)
      if (!subscription.unrecorded)
        records.push({ position, attempt: number, durationMicros, at: now, outcome: 'done' })
      outcomes.push({ position, outcome: 'done', unavailable: false })
      handled++
      continue
    }
    const { error } = attempt
    subscription.core.damages.note(error)
    const event = deferFailed(
      { reference: subscription.referenceTo(before ?? delivery), before, error, now },
      subscription.limits,
      subscription.core.environment.random,
    )
    deferred.push(event)
    if (subscription.whileDeferring !== undefined) merged.push(...(await subscription.whileDeferring(unit, event)))
    records.push({ position, attempt: number, durationMicros, at: now, outcome: 'deferred' })
    outcomes.push(outcomeOf(event, error))
    if (before === undefined) handled++
  }
  const checkpoint = next === undefined ? undefined : { ...subscription.checkpoint, position: next }
  const kept = await stageRecords(subscription, unit, records, checkpoint)
  if (subscription.isIsolated(next === undefined))
    for (const { delivery, result } of attempts)
      if (result !== 'running') clearMark(subscription, unit, delivery.position)
  const committed = await subscription.commit(unit, {
    checkpoint: kept,
    deferred,
    settled: [...settled, ...merged],
    handled,
    running,
    retried: attempts[0]?.before,
  })
  if (!committed) return undefined
  giveUpLeft(subscription, attempts)
  logOutcomes(subscription, deferred, settled)
  return outcomes
}

// Gives up what began in an earlier batch that could not be committed, and has ended otherwise in this one.
function giveUpLeft({ running }: Subscription, attempts: readonly Attempt[]): void {
  if (running.count === 0) return
  for (const { delivery, before, result } of attempts) {
    const left = before === undefined && result !== 'running' ? running.at(delivery.position) : undefined
    if (left !== undefined) running.giveUp(left)
  }
}

// Returns the checkpoint to write.
async function stageRecords(
  { core, source, subscriber, unrecorded }: Subscription,
  unit: UnitOfWork,
  records: readonly DeliveryRecord[],
  checkpoint: Checkpoint | undefined,
): Promise<Checkpoint | undefined> {
  if (unrecorded) return checkpoint
  if (checkpoint === undefined) {
    stageRetries(unit, subscriber, source, records)
    return undefined
  }
  const kept = keepRecords(unit, subscriber, source, records, checkpoint)
  const { batches } = kept
  if (batches !== checkpoint.batches && batches > core.service.limits.deliveryBatchesMax && batches % pruneEvery === 0)
    await pruneDeliveries(core.store, unit, subscriber, source, pruneEvery)
  return kept
}

function outcomeOf({ position, state, dueAt }: DeferredEvent, error: unknown): Outcome {
  return {
    position,
    outcome: state === 'parked' ? 'parked' : 'retry',
    dueAt,
    unavailable: retryOf(error) === 'unavailable',
  }
}
