// The fast way through a batch: one delivery after the other in one unit. It is given up, without a trace, as soon as a handler fails or
// waits for something outside; then each delivery runs in a unit of its own, and keys side by side.

import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { LaneState } from './subscription.ts'
import type { Ran } from './attempt.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { pause } from '../concurrency/wait.ts'
import type { Watchdog } from './handler-timeout.ts'

/** How the fast way went. */
export interface Straight {
  /** Whether every delivery was handled. */
  readonly through: boolean
  /** A handler that was left waiting: its key goes on when it has come to an end. What it does until then has no effect. */
  readonly left: { readonly key: string; readonly ended: Promise<unknown> } | undefined
}

/** Tries the fast way; fills in the results where it comes through. */
export async function runStraight(
  lane: LaneState,
  batch: UnitOfWork,
  deliveries: readonly Delivery[],
  results: Ran[],
  watchdog: Watchdog,
): Promise<Straight> {
  const { clock, scheduler } = lane.core.host
  const unit = new UnitOfWork(lane.core.store, batch)
  const { epoch } = lane.progress
  let running: { readonly delivery: Delivery; readonly ended: Promise<void> } | undefined
  let given = false
  const run = async () => {
    let startedAt = clock.monotonicMs()
    for (const [index, delivery] of deliveries.entries()) {
      const ended = lane.react({ delivery, unit, attempt: 1, epoch, suspicion: undefined })
      running = { delivery, ended }
      await ended
      if (given) return false
      const endedAt = clock.monotonicMs()
      results[index] = { outcome: 'done', delivery, durationMicros: Math.round((endedAt - startedAt) * 1_000) }
      startedAt = endedAt
    }
    return true
  }
  try {
    const through = watchdog.guard(run())
    if (await (lane.sequential ? through : Promise.race([through, nextTurn(lane)]))) {
      return { through: batch.merge(unit), left: undefined }
    }
    lane.waits = true
    if (running === undefined) return { through: false, left: undefined }
    const timeout = pause(scheduler, lane.limits.handlerTimeoutMs)
    const left = { key: running.delivery.key, ended: Promise.race([running.ended.catch(() => {}), timeout]) }
    return { through: false, left }
  } catch {
    return { through: false, left: undefined }
  } finally {
    given = true
    unit.close()
  }
}

// The event loop turns only when everything that runs waits for something outside.
function nextTurn(lane: LaneState): Promise<false> {
  return new Promise((resolve) => {
    lane.core.host.scheduler.soon(() => resolve(false))
  })
}
