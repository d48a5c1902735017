// Runs the deliveries of a batch, each in a unit of its own within the batch's: keys side by side, one key's in order.
// A delivery that fails leaves no trace in the batch, and holds back the later ones of its key.

import { TidingsError } from '../errors/index.ts'
import type { Delivery } from './feed.ts'
import type { LaneState } from './lane-state.ts'
import { UnitOfWork } from './unit-of-work.ts'

/** How one delivery of a batch went. */
export type Ran =
  | { readonly outcome: 'done'; readonly delivery: Delivery; readonly durationMicros: number }
  | {
      readonly outcome: 'failed'
      readonly delivery: Delivery
      readonly durationMicros: number
      readonly error: unknown
    }
  | { readonly outcome: 'queued'; readonly delivery: Delivery }

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
  const runAt = async (index: number) => {
    const delivery = deliveries[index] as Delivery
    if (blocked.has(delivery.key)) {
      results[index] = { outcome: 'queued', delivery }
      return
    }
    const ran = await runOne(lane, batch, delivery, attemptOf(delivery), watchdog)
    if (ran.outcome === 'failed') blocked.add(delivery.key)
    results[index] = ran
  }
  try {
    const first = deliveries.length === 1 ? 0 : await runStraight(lane, batch, deliveries, results, attemptOf, watchdog)
    if (lane.sequential) for (let index = first; index < deliveries.length; index++) await runAt(index)
    else await runChains(deliveries, first, lane.core.service.limits.keysInParallelMax, runAt)
  } finally {
    watchdog.stop()
  }
  return results
}

// The fast way: one after the other in one unit, as long as no handler waits for anything outside and none fails. Gives the index of
// the first delivery that is still to be run; after a failure that is the first of all, and nothing has happened.
async function runStraight(
  lane: LaneState,
  batch: UnitOfWork,
  deliveries: readonly Delivery[],
  results: Ran[],
  attemptOf: (delivery: Delivery) => number,
  watchdog: Watchdog,
): Promise<number> {
  const { clock, scheduler } = lane.core.host
  const unit = new UnitOfWork(lane.core.store, batch)
  const { epoch } = lane.progress
  // The event loop turns only when a handler waits for something outside: from then on keys are better run side by side.
  let turned = false
  if (!lane.sequential) {
    scheduler.soon(() => {
      turned = true
    })
  }
  let index = 0
  const run = async () => {
    let startedAt = clock.monotonicMs()
    for (; index < deliveries.length && !turned; index++) {
      const delivery = deliveries[index] as Delivery
      await lane.react({ delivery, unit, attempt: attemptOf(delivery), epoch, suspicion: lane.suspicion })
      const endedAt = clock.monotonicMs()
      results[index] = { outcome: 'done', delivery, durationMicros: Math.round((endedAt - startedAt) * 1_000) }
      startedAt = endedAt
    }
  }
  try {
    await watchdog.guard(run())
  } catch {
    unit.close()
    return 0
  }
  unit.close()
  return batch.merge(unit) ? index : 0
}

async function runChains(
  deliveries: readonly Delivery[],
  first: number,
  parallelMax: number,
  runAt: (index: number) => Promise<void>,
): Promise<void> {
  const chains = new Map<string, number[]>()
  for (let index = first; index < deliveries.length; index++) {
    const { key } = deliveries[index] as Delivery
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
  for (let tries = 0; tries <= lane.core.service.limits.conflictRetriesMax; tries++) {
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

// One timer for a whole batch: fails the deliveries that have run longer than they may.
class Watchdog {
  readonly #running = new Map<(error: Error) => void, number>()
  readonly #lane: LaneState
  #cancel: (() => void) | undefined

  constructor(lane: LaneState) {
    this.#lane = lane
  }

  guard(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running.set(reject, this.#lane.core.host.clock.monotonicMs())
      this.#cancel ??= this.#arm(this.#lane.core.service.limits.handlerTimeoutMs)
      work.then(
        () => {
          this.#running.delete(reject)
          resolve()
        },
        (error) => {
          this.#running.delete(reject)
          reject(error)
        },
      )
    })
  }

  stop(): void {
    this.#cancel?.()
  }

  #arm(delayMs: number): () => void {
    return this.#lane.core.host.scheduler.after(delayMs, () => {
      const { handlerTimeoutMs } = this.#lane.core.service.limits
      const now = this.#lane.core.host.clock.monotonicMs()
      let next = handlerTimeoutMs
      for (const [fail, startedAt] of this.#running) {
        const leftMs = startedAt + handlerTimeoutMs - now
        if (leftMs > 0) next = Math.min(next, leftMs)
        else {
          this.#running.delete(fail)
          fail(
            new TidingsError(
              'HANDLER_TIMEOUT',
              `A handler of ${this.#lane.subscriber} did not answer within ${handlerTimeoutMs} ms.`,
            ),
          )
        }
      }
      this.#cancel = this.#arm(next)
    })
  }
}
