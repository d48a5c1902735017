// The fast path through a batch: one delivery after the other in one unit of work. As soon as a handler fails or waits for something
// outside, the unit is discarded; then each delivery runs in a unit of its own, and keys run in parallel.

import { pause } from '../concurrency/wait.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Attempt } from './attempt.ts'
import type { HandlerTimeout } from './handler-timeout.ts'
import type { Subscription } from './subscription.ts'

/** The result of the fast path. */
export interface FastPath {
  /** Whether every delivery was handled. */
  readonly completed: boolean
  /**
   * The delivery whose handler was still running when the fast path was given up, if any. Its writes are discarded; its key continues when
   * the handler has ended.
   */
  readonly left: { readonly delivery: Delivery; readonly ended: Promise<unknown> } | undefined
}

/** Tries the fast path; fills in `attempts` if it completes. */
export async function runFastPath(
  subscription: Subscription,
  batch: UnitOfWork,
  deliveries: readonly Delivery[],
  attempts: Attempt[],
  timeout: HandlerTimeout,
): Promise<FastPath> {
  const { clock, timeouts } = subscription.core.environment
  const unit = new UnitOfWork(subscription.core.store, batch)
  const { epoch } = subscription.checkpoint
  let running: { readonly delivery: Delivery; readonly ended: Promise<void> } | undefined
  let abandoned = false
  const run = async () => {
    let startedAt = clock.monotonicMs()
    for (const [index, delivery] of deliveries.entries()) {
      const ended = subscription.invoke({ delivery, unit, attempt: 1, epoch, isolated: undefined })
      running = { delivery, ended }
      await ended
      if (abandoned) return false
      const endedAt = clock.monotonicMs()
      const durationMicros = Math.round((endedAt - startedAt) * 1_000)
      attempts[index] = { result: 'done', delivery, before: undefined, durationMicros }
      startedAt = endedAt
    }
    return true
  }
  try {
    const completed = timeout.guard(run())
    if (await (subscription.sequential ? completed : Promise.race([completed, whenHandlerWaits(subscription)]))) {
      return { completed: batch.merge(unit), left: undefined }
    }
    subscription.noteWaitingHandler()
    if (running === undefined) return { completed: false, left: undefined }
    const timedOut = pause(timeouts, subscription.limits.handlerTimeoutMs)
    const left = {
      delivery: running.delivery,
      ended: Promise.race([running.ended.catch(() => {}), timedOut]),
    }
    return { completed: false, left }
  } catch {
    return { completed: false, left: undefined }
  } finally {
    abandoned = true
    unit.close()
  }
}

// Resolves in the next round of the event loop, which comes only when all running code waits for something outside.
function whenHandlerWaits(subscription: Subscription): Promise<false> {
  return new Promise((resolve) => {
    subscription.core.environment.timeouts.soon(() => resolve(false))
  })
}
