// Runs the deliveries of a batch, each in a unit of its own within the batch's: keys side by side, one key's in order.
// A delivery that fails leaves no trace in the batch, and holds back the later ones of its key.

import { TidingsError } from '../../errors/index.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { LaneState } from './subscription.ts'
import type { Ran } from './attempt.ts'
import { runStraight, type Straight } from './fast-path.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { Watchdog } from './handler-timeout.ts'

/** Runs deliveries within a batch; the outcomes come in the order of the deliveries. */
export async function runDeliveries(
  lane: LaneState,
  batch: UnitOfWork,
  deliveries: readonly Delivery[],
  attemptOf: (delivery: Delivery) => number,
): Promise<readonly Ran[]> {
  const results = new Array<Ran>(deliveries.length)
  const blocked = new Set<string>()
  const watchdog = new Watchdog(lane)
  let left: Straight['left']
  const runAt = async (index: number) => {
    const delivery = deliveries[index] as Delivery
    if (delivery.key === left?.key) await left.ended
    if (blocked.has(delivery.key)) {
      results[index] = { outcome: 'queued', delivery }
      return
    }
    const ran = await runOne(lane, batch, delivery, attemptOf(delivery), watchdog)
    if (ran.outcome === 'failed') blocked.add(delivery.key)
    results[index] = ran
  }
  try {
    if (deliveries.length > 1 && !lane.waits) {
      const straight = await runStraight(lane, batch, deliveries, results, watchdog)
      if (straight.through) return results
      left = straight.left
    }
    if (lane.sequential) for (let index = 0; index < deliveries.length; index++) await runAt(index)
    else await runChains(deliveries, lane.limits.keysInParallelMax, runAt)
  } finally {
    watchdog.stop()
  }
  return results
}

async function runChains(
  deliveries: readonly Delivery[],
  parallelMax: number,
  runAt: (index: number) => Promise<void>,
): Promise<void> {
  const chains = new Map<string, number[]>()
  for (const [index, { key }] of deliveries.entries()) {
    const chain = chains.get(key)
    if (chain === undefined) chains.set(key, [index])
    else chain.push(index)
  }
  const waiting = chains.values()
  const worker = async () => {
    for (const chain of waiting) for (const index of chain) await runAt(index)
  }
  await Promise.all(Array.from({ length: Math.min(parallelMax, chains.size) }, worker))
}

async function runOne(
  lane: LaneState,
  batch: UnitOfWork,
  delivery: Delivery,
  attempt: number,
  watchdog: Watchdog,
): Promise<Ran> {
  const { clock } = lane.core.host
  const startedAt = clock.monotonicMs()
  const micros = () => Math.round((clock.monotonicMs() - startedAt) * 1_000)
  let error: unknown
  for (let tries = 0; tries <= lane.limits.conflictRetriesMax; tries++) {
    const unit = new UnitOfWork(lane.core.store, batch)
    try {
      await watchdog.guard(
        lane.react({ delivery, unit, attempt, epoch: lane.progress.epoch, suspicion: lane.suspicion }),
      )
      unit.close()
      if (batch.merge(unit)) return { outcome: 'done', delivery, durationMicros: micros() }
    } catch (caught) {
      unit.close()
      error = caught
      break
    }
  }
  error ??= new TidingsError('CONFLICT', `Handling ${delivery.type} met others' changes again and again.`)
  return { outcome: 'failed', delivery, durationMicros: micros(), error }
}
