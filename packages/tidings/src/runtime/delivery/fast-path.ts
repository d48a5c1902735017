// The fast path through a batch: one delivery after the other in one unit. It is given up, without a trace, as soon as a handler fails or
// waits for something outside; then each delivery runs in a unit of its own, and keys run in parallel.

import { pause } from '../concurrency/wait.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Attempt } from './attempt.ts'
import { deferralKey } from './deferred-event.ts'
import type { HandlerTimeout } from './handler-timeout.ts'
import type { Subscription } from './subscription.ts'

/** How the fast path went. */
export interface FastPath {
  /** Whether every delivery was handled. */
  readonly completed: boolean
  /** A handler that was left waiting: its key goes on when it has ended. What it does until then has no effect. */
  readonly left: { readonly key: string; readonly ended: Promise<unknown> } | undefined
}

/** Tries the fast path; fills in the attempts if it completes. */
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
    if (await (subscription.sequential ? completed : Promise.race([completed, nextTurn(subscription)]))) {
      return { completed: batch.merge(unit), left: undefined }
    }
    subscription.noteWaitingHandler()
    if (running === undefined) return { completed: false, left: undefined }
    const patience = pause(timeouts, subscription.limits.handlerTimeoutMs)
    const left = {
      key: deferralKey(running.delivery),
      ended: Promise.race([running.ended.catch(() => {}), patience]),
    }
    return { completed: false, left }
  } catch {
    return { completed: false, left: undefined }
  } finally {
    abandoned = true
    unit.close()
  }
}

// The event loop turns only when everything that runs waits for something outside.
function nextTurn(subscription: Subscription): Promise<false> {
  return new Promise((resolve) => {
    subscription.core.environment.timeouts.soon(() => resolve(false))
  })
}
