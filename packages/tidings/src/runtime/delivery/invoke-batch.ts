// Runs the deliveries of a batch, each in a unit of its own within the batch's: keys in parallel, the deliveries of one key in order.
// A delivery that fails adds nothing to the batch, and blocks the later ones of its key.

import { TidingsError } from '../../errors/index.ts'
import type { IsolatedRun } from '../contexts/isolated-run.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Attempt, AttemptResult } from './attempt.ts'
import { BatchOrder } from './batch-order.ts'
import type { DeferredEvent } from './deferred-event.ts'
import { type FastPath, runFastPath } from './fast-path.ts'
import { HandlerTimeout } from './handler-timeout.ts'
import type { Subscription } from './subscription.ts'

/** How deliveries are run. */
export interface RunOptions {
  /** How the delivery was deferred before, if this is a retry. */
  readonly before?: DeferredEvent | undefined
  /** Set if the delivery runs isolated. */
  readonly isolated?: IsolatedRun | undefined
}

/** Runs deliveries within a batch; returns the attempts in the order of the deliveries. */
export async function invokeBatch(
  subscription: Subscription,
  batch: UnitOfWork,
  deliveries: readonly Delivery[],
  options: RunOptions = {},
): Promise<readonly Attempt[]> {
  const { before } = options
  const attempts = new Array<Attempt>(deliveries.length)
  const order = new BatchOrder(subscription)
  const timeout = new HandlerTimeout(subscription)
  const left = () => deliveries.filter((_, index) => attempts[index] === undefined)
  const inProgress = { subscription, left }
  subscription.core.inProgress.beginBatch(inProgress)
  let leftRunning: FastPath['left']
  const runAt = async (index: number) => {
    const delivery = deliveries[index] as Delivery
    if (leftRunning !== undefined && order.areOrdered(delivery, leftRunning.delivery)) await leftRunning.ended
    if (order.isBlocked(delivery)) {
      order.block(delivery)
      attempts[index] = { delivery, before, result: 'blocked' }
      return
    }
    const result = await runOne(subscription, batch, delivery, options, timeout)
    if (result.result === 'failed') order.block(delivery)
    attempts[index] = { delivery, before, ...result }
  }
  try {
    if (deliveries.length > 1 && !subscription.handlersWait) {
      const fastPath = await runFastPath(subscription, batch, deliveries, attempts, timeout)
      if (fastPath.completed) return attempts
      leftRunning = fastPath.left
    }
    if (subscription.sequential) for (let index = 0; index < deliveries.length; index++) await runAt(index)
    else await runChains(order.chains(deliveries), subscription.limits.keysInParallelMax, runAt)
  } finally {
    timeout.stop()
    subscription.core.inProgress.endBatch(inProgress)
  }
  return attempts
}

async function runChains(
  chains: readonly (readonly number[])[],
  parallelMax: number,
  runAt: (index: number) => Promise<void>,
): Promise<void> {
  const waiting = chains.values()
  const worker = async () => {
    for (const chain of waiting) for (const index of chain) await runAt(index)
  }
  await Promise.all(Array.from({ length: Math.min(parallelMax, chains.length) }, worker))
}

async function runOne(
  subscription: Subscription,
  batch: UnitOfWork,
  delivery: Delivery,
  { before, isolated }: RunOptions,
  timeout: HandlerTimeout,
): Promise<AttemptResult> {
  const { clock } = subscription.core.environment
  const { epoch } = subscription.checkpoint
  const attempt = (before?.attempts ?? 0) + 1
  const startedAt = clock.monotonicMs()
  const micros = () => Math.round((clock.monotonicMs() - startedAt) * 1_000)
  const { conflictRetriesMax } = subscription.limits
  for (let tries = 0; tries <= conflictRetriesMax; tries++) {
    const unit = new UnitOfWork(subscription.core.store, batch)
    try {
      await timeout.guard(subscription.invoke({ delivery, unit, before, attempt, epoch, isolated }))
      unit.close()
      if (batch.merge(unit)) return { result: 'done', durationMicros: micros() }
    } catch (error) {
      unit.close()
      return { result: 'failed', durationMicros: micros(), error }
    }
  }
  return { result: 'failed', durationMicros: micros(), error: conflictError(delivery.type, conflictRetriesMax + 1) }
}

/** The error of a delivery if, at every attempt, others changed what it had read. */
export function conflictError(type: string, attempts: number): TidingsError {
  return new TidingsError(
    'CONFLICT',
    `Optimistic concurrency conflict while handling ${type}; gave up after ${attempts} attempts.`,
  )
}
