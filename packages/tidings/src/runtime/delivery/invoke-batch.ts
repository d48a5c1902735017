// Runs the deliveries of a batch, each in a unit of its own within the batch's: keys in parallel, the deliveries of one key in order. A delivery that
// fails adds nothing to the batch, and blocks the later ones of its key. Invariant: after `batchMsMax` the batch is closed: it takes nothing more in,
// and what still runs goes on by itself.

import { TidingsError } from '../../errors/index.ts'
import type { IsolatedRun } from '../contexts/isolated-run.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Attempt } from './attempt.ts'
import type { AttemptResult } from './attempt-result.ts'
import { BatchOrder } from './batch-order.ts'
import type { DeferredEvent } from './deferred-event.ts'
import { type FastPath, runFastPath } from './fast-path.ts'
import { HandlerTimeout, handlerLate } from './handler-timeout.ts'
import { RunningDelivery, type RunResult } from './running-delivery.ts'
import type { Subscription } from './subscription.ts'

/** How deliveries are run. */
export interface RunOptions {
  /** How the delivery was deferred before, if this is a retry. */
  readonly before?: DeferredEvent | undefined
  /** Set if the delivery runs isolated. */
  readonly isolated?: IsolatedRun | undefined
}

/**
 * Runs deliveries within a batch; returns the attempts in the order of the deliveries. Deliveries at the end for which there was no time have no
 * attempt: they belong to the next batch.
 */
export function invokeBatch(
  subscription: Subscription,
  batch: UnitOfWork,
  deliveries: readonly Delivery[],
  options: RunOptions = {},
): Promise<readonly Attempt[]> {
  return new BatchRun(subscription, batch, deliveries, options).run()
}

class BatchRun {
  readonly #subscription: Subscription
  readonly #batch: UnitOfWork
  readonly #deliveries: readonly Delivery[]
  readonly #options: RunOptions
  readonly #order: BatchOrder
  /** Set if the batch waits for its handlers, however long they take. */
  readonly #timeout: HandlerTimeout | undefined
  #attempts: Attempt[]
  // By the index of the delivery.
  readonly #works: Promise<RunResult>[] = []
  readonly #units: UnitOfWork[] = []
  readonly #startedAt: number[] = []
  #left: FastPath['left']
  #isClosed = false

  constructor(subscription: Subscription, batch: UnitOfWork, deliveries: readonly Delivery[], options: RunOptions) {
    this.#subscription = subscription
    this.#batch = batch
    this.#deliveries = deliveries
    this.#options = options
    this.#order = new BatchOrder(subscription)
    this.#attempts = new Array<Attempt>(deliveries.length)
    this.#timeout = canBeClosed(subscription, deliveries, options) ? undefined : new HandlerTimeout(subscription)
  }

  async run(): Promise<readonly Attempt[]> {
    const { inProgress } = this.#subscription.core
    const left = () => this.#deliveries.filter((_, index) => this.#attempts[index] === undefined)
    const batch = { subscription: this.#subscription, left }
    inProgress.beginBatch(batch)
    try {
      if (this.#mayBeFast && (await this.#tryFastPath())) return this.#attempts
      if (this.#timeout !== undefined) await this.#runAll()
      else if (!(await this.#endsInTime(this.#runAll()))) this.#close()
      return this.#attempts
    } finally {
      this.#timeout?.stop()
      inProgress.endBatch(batch)
    }
  }

  get #mayBeFast(): boolean {
    const { pace, running } = this.#subscription
    if (this.#deliveries.length === 1 || pace.handlersWait) return false
    return running.count === 0 || this.#deliveries.every(({ position }) => running.at(position) === undefined)
  }

  async #tryFastPath(): Promise<boolean> {
    const fastPath = await runFastPath(this.#subscription, this.#batch, this.#deliveries, this.#attempts, this.#timeout)
    if (fastPath.completed) return true
    this.#left = fastPath.left
    this.#attempts = new Array<Attempt>(this.#deliveries.length)
    return false
  }

  /** Whether all have ended before the batch is to be closed. */
  #endsInTime(ended: Promise<void>): Promise<boolean> {
    const { limits, core, pace } = this.#subscription
    const { timeouts } = core.environment
    return new Promise((resolve, reject) => {
      const cancel = timeouts.after(Math.min(limits.batchMsMax, limits.handlerTimeoutMs), () => resolve(false))
      const { handlersWait } = pace
      let isCalm = handlersWait
      if (isCalm)
        timeouts.soon(() => {
          isCalm = false
        })
      ended
        .then(() => {
          cancel()
          if (isCalm) pace.noteCalm()
          else if (handlersWait) pace.noteWaiting()
          pace.noteInTime(this.#deliveries.length)
          resolve(true)
        })
        .catch(reject)
    })
  }

  async #runAll(): Promise<void> {
    if (this.#subscription.sequential || this.#deliveries.length === 1) {
      for (let index = 0; index < this.#deliveries.length && this.#mayBegin; index++) await this.#runAt(index)
    } else await this.#runChains()
    if (!this.#isClosed && !this.#mayBegin) this.#close()
  }

  async #runChains(): Promise<void> {
    const { limits, placesLeft } = this.#subscription
    const chains = this.#order.chains(this.#deliveries)
    const waiting = chains.values()
    const worker = async () => {
      for (const chain of waiting)
        for (const index of chain) {
          if (!this.#mayBegin) return
          await this.#runAt(index)
        }
    }
    const workers = Math.max(1, Math.min(limits.keysInParallelMax, placesLeft, chains.length))
    await Promise.all(Array.from({ length: workers }, worker))
  }

  // While a service closes, a batch ends with what has begun.
  get #mayBegin(): boolean {
    return !this.#isClosed && !(this.#subscription.isStopping && this.#deliveries.length > 1)
  }

  async #runAt(index: number): Promise<void> {
    const delivery = this.#deliveries[index] as Delivery
    const { before } = this.#options
    if (this.#order.isBlocked(delivery)) {
      this.#order.block(delivery)
      this.#attempts[index] = { delivery, before, result: 'blocked' }
      return
    }
    const running = before === undefined ? this.#subscription.running.at(delivery.position) : undefined
    // It began in a batch that could not be committed.
    if (running instanceof RunningDelivery) {
      this.#order.block(delivery)
      this.#attempts[index] = { delivery, before, result: 'running', running }
      return
    }
    const work = this.#runOne(index, delivery)
    this.#works[index] = work
    const result = await work
    if (this.#isClosed || result.result === 'again' || result.result === 'abandoned') return
    if (result.result === 'failed') this.#order.block(delivery)
    this.#attempts[index] = { delivery, before, ...result }
  }

  async #runOne(index: number, delivery: Delivery): Promise<RunResult> {
    const { core, checkpoint, invoke, limits } = this.#subscription
    const { clock } = core.environment
    const { before, isolated } = this.#options
    const attempt = (before?.attempts ?? 0) + 1
    const startedAt = clock.monotonicMs()
    this.#startedAt[index] = startedAt
    const left = this.#left
    if (left !== undefined && this.#order.areOrdered(delivery, left.delivery)) {
      await left.ended
      if (this.#isClosed) return { result: 'again' }
    }
    const micros = () => Math.round((clock.monotonicMs() - startedAt) * 1_000)
    for (let tries = 0; tries <= limits.conflictRetriesMax; tries++) {
      const unit = new UnitOfWork(core.store, this.#batch)
      this.#units[index] = unit
      try {
        const handled = invoke({ delivery, unit, before, attempt, epoch: checkpoint.epoch, isolated })
        if (handled instanceof Promise) await (this.#timeout === undefined ? handled : this.#timeout.guard(handled))
        unit.close()
        // If the batch was closed, the unit is committed by itself.
        if (this.#isClosed || this.#batch.merge(unit)) return { result: 'done', durationMicros: micros() }
      } catch (error) {
        unit.close()
        return { result: 'failed', durationMicros: micros(), error }
      }
    }
    const error = conflictError(delivery.type, limits.conflictRetriesMax + 1)
    return { result: 'failed', durationMicros: micros(), error }
  }

  // What has not ended goes on by itself. What has not begun waits: behind it, or for the next batch.
  #close(): void {
    this.#isClosed = true
    const { environment } = this.#subscription.core
    const now = environment.clock.monotonicMs()
    const begun = this.#deliveries.map((_, index) => this.#attempts[index] !== undefined || index in this.#works)
    const count = begun.lastIndexOf(true) + 1
    for (let index = 0; index < count; index++) {
      if (this.#attempts[index] !== undefined) continue
      const delivery = this.#deliveries[index] as Delivery
      const blocked: Attempt = {
        delivery,
        before: undefined,
        result: this.#order.isBlocked(delivery) ? 'blocked' : 'postponed',
      }
      this.#attempts[index] =
        index in this.#works ? { delivery, before: undefined, ...this.#leave(index, delivery, now) } : blocked
      this.#order.block(delivery)
    }
    this.#attempts.length = count
    this.#subscription.pace.noteClosed(begun.filter(Boolean).length)
  }

  #leave(
    index: number,
    delivery: Delivery,
    now: number,
  ): AttemptResult | { result: 'running'; running: RunningDelivery } {
    const { core, limits, running } = this.#subscription
    const startedAt = this.#startedAt[index] as number
    const leftMs = startedAt + limits.handlerTimeoutMs - now
    const waitsForOther = this.#units[index] === undefined && this.#left?.delivery !== delivery
    const late = (): RunResult =>
      waitsForOther
        ? { result: 'again' }
        : { result: 'failed', durationMicros: limits.handlerTimeoutMs * 1_000, error: handlerLate(this.#subscription) }
    if (leftMs <= 0 && !waitsForOther) {
      this.#units[index]?.close()
      return late() as AttemptResult
    }
    const left = { delivery, startedAt, work: this.#works[index] as Promise<RunResult>, leftMs, late }
    const goesOn = new RunningDelivery(core.environment, { ...left, unit: () => this.#units[index] })
    return { result: 'running', running: running.claim(goesOn) }
  }
}

// A read model is rebuilt batch by batch. What is retried, and what is handled in order anyway, holds up nothing else by waiting.
function canBeClosed(
  { kind, sequential }: Subscription,
  deliveries: readonly Delivery[],
  { before }: RunOptions,
): boolean {
  return kind !== 'rebuild' && before === undefined && (!sequential || deliveries.length > 1)
}

/** The error of a delivery if, at every attempt, others changed what it had read. */
export function conflictError(type: string, attempts: number): TidingsError {
  return new TidingsError(
    'CONFLICT',
    `Optimistic concurrency conflict while handling ${type}; gave up after ${attempts} attempts.`,
  )
}
