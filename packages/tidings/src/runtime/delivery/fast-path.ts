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

/** How long a batch that is never closed runs until other work gets its turn, in milliseconds. */
const turnMs = 10

/** If such a batch has written so many rows when its turn ends, it is committed, because a commit is one piece of work. */
const rowCountMax = 2_000

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
  const { clock, timeouts } = subscription.core.environment
  const { batchMsMax } = subscription.limits
  const unit = new UnitOfWork(subscription.core.store, batch)
  const { epoch } = subscription.checkpoint
  let running: { readonly delivery: Delivery; readonly ended: Promise<void> } | undefined
  let abandoned = false
  const run = async () => {
    let startedAt = clock.monotonicMs()
    // A batch that can be closed ends with its first turn.
    let turnEndsAt = startedAt + (timeout === undefined ? batchMsMax : turnMs)
    for (const [index, delivery] of deliveries.entries()) {
      const ended = subscription.invoke({ delivery, unit, attempt: 1, epoch, isolated: undefined })
      if (ended instanceof Promise) {
        running = { delivery, ended }
        await ended
        if (abandoned) return false
      }
      const endedAt = clock.monotonicMs()
      const durationMicros = Math.round((endedAt - startedAt) * 1_000)
      attempts[index] = { result: 'done', delivery, before: undefined, durationMicros }
      startedAt = endedAt
      if (endedAt < turnEndsAt) continue
      const isFull = timeout !== undefined && unit.rowCount >= rowCountMax
      if (isFull) subscription.pace.noteClosed(index + 1)
      if (isFull || timeout === undefined) {
        attempts.length = index + 1
        return true
      }
      await new Promise<void>((resolve) => timeouts.soon(resolve))
      if (abandoned) return false
      startedAt = clock.monotonicMs()
      turnEndsAt = startedAt + turnMs
    }
    if (timeout !== undefined) subscription.pace.noteInTime(deliveries.length)
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
