// The fast path through a batch: one delivery after the other in one unit of work. As soon as a handler fails or waits for something
// outside, the unit is discarded; then each delivery runs in a unit of its own, and keys run in parallel.

import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Attempt } from './attempt.ts'
import type { HandlerTimeout } from './handler-timeout.ts'
import type { Subscription } from './subscription.ts'

/** The result of the fast path. */
export interface FastPath {
  /** Whether the deliveries were handled: all, or as many as there was time for. Then there is an attempt for each of those. */
  readonly completed: boolean
  /**
   * The delivery whose handler was still running when the fast path was given up, if any. Its writes are discarded; its key continues when
   * the handler has ended.
   */
  readonly left: { readonly delivery: Delivery; readonly ended: Promise<unknown> } | undefined
}

/**
 * Tries the fast path; fills in `attempts` if it completes.
 *
 * @param timeout - for a batch that is never closed before its end, and so waits for its handlers.
 */
export async function runFastPath(
  subscription: Subscription,
  batch: UnitOfWork,
  deliveries: readonly Delivery[],
  attempts: Attempt[],
  timeout: HandlerTimeout | undefined,
): Promise<FastPath> {
  const { clock } = subscription.core.environment
  const { batchMsMax } = subscription.limits
  const unit = new UnitOfWork(subscription.core.store, batch)
  const { epoch } = subscription.checkpoint
  let running: { readonly delivery: Delivery; readonly ended: Promise<void> } | undefined
  let abandoned = false
  const run = async () => {
    let startedAt = clock.monotonicMs()
    const closesAt = timeout === undefined ? startedAt + batchMsMax : Number.POSITIVE_INFINITY
    for (const [index, delivery] of deliveries.entries()) {
      const ended = subscription.invoke({ delivery, unit, attempt: 1, epoch, isolated: undefined })
      running = { delivery, ended }
      await ended
      if (abandoned) return false
      const endedAt = clock.monotonicMs()
      const durationMicros = Math.round((endedAt - startedAt) * 1_000)
      attempts[index] = { result: 'done', delivery, before: undefined, durationMicros }
      if (endedAt >= closesAt) {
        attempts.length = index + 1
        return true
      }
      startedAt = endedAt
    }
    return true
  }
  try {
    const completed =
      timeout === undefined ? Promise.race([run(), whenHandlerWaits(subscription)]) : timeout.guard(run())
    if (await completed) return { completed: batch.merge(unit), left: undefined }
    subscription.pace.noteWaiting()
    if (running === undefined) return { completed: false, left: undefined }
    const { delivery, ended } = running
    return { completed: false, left: { delivery, ended: ended.catch(() => {}) } }
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
