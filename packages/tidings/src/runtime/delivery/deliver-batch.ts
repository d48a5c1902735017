// deliver(batch) → an outcome per delivery. All that a batch causes, and the subscriber's progress, is one commit (P1, P3).
// What fails is held with the later deliveries of its key; the rest flows (P5). A batch that cannot be committed runs one by one.

import { isTidingsError, retryOf, TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import { type DeliveryRecord, pruneDeliveries, stageDeliveries } from './delivery-log.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { type HeldEvent, queuedBehind } from './retry-queue.ts'
import { judgeFailure } from './retry-policy.ts'
import { Fenced, type LaneState, type Progress } from './subscription.ts'
import type { Ran } from './attempt.ts'
import { runDeliveries } from './run-batch.ts'
import { clearSuspect, killedError, runAlone } from './poison-guard.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** What becomes of a delivery. */
export interface Outcome {
  readonly position: Position
  /** `done`: handled and committed · `retry`: held, tried again at `dueAt` · `parked`: held until a redrive. */
  readonly outcome: 'done' | 'retry' | 'parked'
  readonly dueAt?: number
  /** True where something the handler needs cannot serve: the subscription should pause. */
  readonly unavailable: boolean
}

const pruneEvery = 1_024

/** Delivers a batch and moves the progress to `next`. Deliveries that were handled before are passed over. */
export async function deliverBatch(
  lane: LaneState,
  deliveries: readonly Delivery[],
  next: Position,
): Promise<readonly Outcome[]> {
  const fresh = deliveries.filter((delivery) => delivery.position > lane.progress.position)
  if (lane.carefulCount > 0) return deliverCarefully(lane, fresh, next)
  if (fresh.length > 1) {
    const outcomes = await deliverTogether(lane, fresh, next)
    if (outcomes !== undefined) return outcomes
  }
  return deliverSingly(lane, fresh, next, (_delivery, run) => run(false))
}

async function deliverCarefully(
  lane: LaneState,
  fresh: readonly Delivery[],
  next: Position,
): Promise<readonly Outcome[]> {
  const outcomes = await deliverSingly(lane, fresh, next, (delivery, run) => runAlone(lane, delivery, run))
  lane.carefulCount = Math.max(0, lane.carefulCount - Math.max(1, fresh.length))
  return outcomes
}

// One commit a delivery. `alone` tells a delivery that runs whether it has ended its process too often.
async function deliverSingly(
  lane: LaneState,
  fresh: readonly Delivery[],
  next: Position,
  alone: (delivery: Delivery, run: (killed: boolean) => Promise<Outcome>) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (let index = 0; index < fresh.length; index++) {
    const delivery = fresh[index] as Delivery
    const position = index === fresh.length - 1 ? next : delivery.position
    const run = (killed: boolean) =>
      killed ? parkKiller(lane, delivery, position) : deliverAlone(lane, delivery, position)
    outcomes.push(lane.holds(delivery.key) ? await run(false) : await alone(delivery, run))
  }
  if (fresh.length === 0) await moveOn(lane, next)
  return outcomes
}

async function deliverAlone(lane: LaneState, delivery: Delivery, position: Position): Promise<Outcome> {
  const { limits } = lane
  for (let tries = 0; ; tries++) {
    let error: unknown
    try {
      const outcomes = await deliverTogether(lane, [delivery], position)
      if (outcomes?.[0] !== undefined) return outcomes[0]
      if (tries < limits.conflictRetriesMax) continue
      error = new TidingsError('CONFLICT', `Handling ${delivery.type} met others' changes ${tries + 1} times in a row.`)
    } catch (caught) {
      if (!isRefusedCommit(caught)) throw caught
      error = caught
    }
    // What this one delivery asks for cannot be committed: that is its failure, not the batch's.
    const outcome = await commitFailure(lane, delivery, error, position)
    if (outcome !== undefined) return outcome
    // Not even that can be noted: the subscription pauses, says so, and tries again later.
    if (tries >= 2 * limits.conflictRetriesMax) throw error
  }
}

async function parkKiller(lane: LaneState, delivery: Delivery, position: Position): Promise<Outcome> {
  const outcome = await commitFailure(lane, delivery, killedError(lane, delivery.type), position)
  return outcome ?? { position: delivery.position, outcome: 'parked', unavailable: false }
}

// Holds a delivery that has failed without having run; nothing where the commit met others' changes.
async function commitFailure(
  lane: LaneState,
  delivery: Delivery,
  error: unknown,
  position: Position,
): Promise<Outcome | undefined> {
  const failed: Ran = { outcome: 'failed', delivery, durationMicros: 0, error }
  return (await commitBatch(lane, lane.newUnit(), [failed], position))?.[0]
}

/** Moves the progress where there was nothing to handle. */
export async function moveOn(lane: LaneState, next: Position): Promise<void> {
  if (next > lane.progress.position) {
    await lane.saveProgress({ ...lane.progress, position: next })
  }
}

async function deliverTogether(
  lane: LaneState,
  deliveries: readonly Delivery[],
  next: Position,
): Promise<readonly Outcome[] | undefined> {
  const batch = lane.newUnit()
  const free = lane.held.count === 0 && lane.ahead.every(({ held }) => held.count === 0)
  const runnable = free ? deliveries : deliveries.filter((delivery) => !lane.holds(delivery.key))
  const ran = await runDeliveries(lane, batch, runnable, () => 1)
  const inOrder = runnable === deliveries ? ran : inOrderOf(deliveries, ran)
  try {
    return await commitBatch(lane, batch, inOrder, next)
  } catch (error) {
    if (deliveries.length > 1 && isRefusedCommit(error)) return undefined
    throw error
  }
}

function inOrderOf(deliveries: readonly Delivery[], ran: readonly Ran[]): readonly Ran[] {
  const byPosition = new Map(ran.map((result) => [result.delivery.position, result]))
  return deliveries.map((delivery): Ran => byPosition.get(delivery.position) ?? { outcome: 'queued', delivery })
}

// A commit that the store refuses because of what is in it; a store that cannot serve is no refusal.
function isRefusedCommit(error: unknown): boolean {
  return retryOf(error) !== 'unavailable' && !isTidingsError(error, 'CLOSED') && !(error instanceof Fenced)
}

async function commitBatch(
  lane: LaneState,
  batch: UnitOfWork,
  ran: readonly Ran[],
  next: Position,
): Promise<readonly Outcome[] | undefined> {
  const { core } = lane
  const now = core.host.clock.now()
  const held: HeldEvent[] = []
  const outcomes: Outcome[] = []
  const records: DeliveryRecord[] = []
  for (const result of ran) {
    const { delivery } = result
    if (result.outcome === 'queued') {
      held.push(queuedBehind(delivery, now))
      outcomes.push({ position: delivery.position, outcome: 'retry', dueAt: now, unavailable: false })
      continue
    }
    const base = { position: delivery.position, attempt: 1, durationMicros: result.durationMicros, at: now }
    if (result.outcome === 'done') {
      records.push({ ...base, outcome: 'done' })
      outcomes.push({ position: delivery.position, outcome: 'done', unavailable: false })
      continue
    }
    const event = judgeFailure({ delivery, before: undefined, error: result.error, now }, lane.limits, core.host.random)
    held.push(event)
    records.push({ ...base, outcome: 'held' })
    outcomes.push(heldOutcome(event, result.error))
  }
  for (const event of held) lane.held.stage(batch, event)
  const progress = await stageProgress(lane, batch, records, next)
  if (lane.carefulCount > 0) for (const { delivery } of ran) clearSuspect(lane, batch, delivery.position)
  const result = await lane.commit(batch, progress, held)
  if (!result.committed) return undefined
  lane.handledCount += records.length
  return outcomes
}

async function stageProgress(
  lane: LaneState,
  batch: UnitOfWork,
  records: readonly DeliveryRecord[],
  next: Position,
): Promise<Progress> {
  const { core, subscriber, feed } = lane
  const progress = { ...lane.progress, position: next, batches: lane.progress.batches + 1 }
  if (!lane.unrecorded) {
    stageDeliveries(batch, subscriber, feed.source, records, false)
    const keep = core.service.limits.deliveryBatchesMax
    if (progress.batches > keep && progress.batches % pruneEvery === 0)
      await pruneDeliveries(core.store, batch, subscriber, feed.source, pruneEvery)
  }
  lane.stage(batch, progress)
  return progress
}

/** What a held event means for whoever delivered it. */
export function heldOutcome(event: HeldEvent, error: unknown): Outcome {
  return {
    position: event.position,
    outcome: event.state === 'parked' ? 'parked' : 'retry',
    dueAt: event.dueAt,
    unavailable: retryOf(error) === 'unavailable',
  }
}
