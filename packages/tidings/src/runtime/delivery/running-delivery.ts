// A delivery whose handler runs outside of a batch: one that goes on after its batch was committed, or a retry. And all of them of one subscription.
// Invariant: a position is claimed before its handler runs, so no two of its handlers run for the same store at a time.

import type { Environment } from '../../ports/environment.ts'
import type { Position } from '../../ports/index.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { AttemptResult } from './attempt-result.ts'
import type { DeliveryReference } from './deferred-event.ts'

/** How a handler that went on has ended. `again`: what it did cannot be committed, so it has to run again. `abandoned`: nobody waits for it. */
export type RunResult = AttemptResult | { readonly result: 'again' } | { readonly result: 'abandoned' }

/** The handler of a delivery that runs by itself. */
export interface Running {
  readonly delivery: DeliveryReference
  /** When it began, by the monotonic clock. */
  readonly startedAt: number
  /** Nobody waits for it any more: what it does from now on has no effect. */
  abandon(): void
}

/** What a handler that goes on was when its batch was closed. */
export interface LeftRunning {
  readonly delivery: Delivery
  readonly startedAt: number
  readonly work: Promise<RunResult>
  /** The unit that it writes into now. */
  readonly unit: () => UnitOfWork | undefined
  /** How long it may go on, in milliseconds. */
  readonly leftMs: number
  /** Its result if it takes longer. */
  readonly late: () => RunResult
}

/** A handler that goes on after its batch was closed. Its result is committed when it has ended. */
export class RunningDelivery implements Running {
  readonly delivery: Delivery
  readonly startedAt: number
  /** Resolves when it has ended, has run for too long, or was abandoned. */
  readonly settled: Promise<RunResult>
  readonly #left: LeftRunning
  #settle: (result: RunResult) => void = () => {}

  constructor({ timeouts }: Environment, left: LeftRunning) {
    this.delivery = left.delivery
    this.startedAt = left.startedAt
    this.#left = left
    this.settled = new Promise((resolve) => {
      const cancel = timeouts.after(left.leftMs, () => this.#settle(left.late()))
      this.#settle = (result) => {
        cancel()
        if (result.result !== 'done') left.unit()?.close()
        resolve(result)
      }
    })
    void left.work.then(this.#settle)
  }

  /** What it has written; `undefined` if that cannot be committed, because what it read was never committed. */
  get unit(): UnitOfWork | undefined {
    const unit = this.#left.unit()
    return unit?.isSpoiled === true ? undefined : unit
  }

  /** Its batch was committed at a revision, or not at all: from now on it stands for itself. */
  leaveBatch(revision: number | undefined): void {
    this.#left.unit()?.leaveBatch(revision)
  }

  abandon(): void {
    this.#settle({ result: 'abandoned' })
  }
}

/** What runs by itself in one subscription. */
export class RunningDeliveries {
  readonly #running = new Map<Position, Running>()

  get count(): number {
    return this.#running.size
  }

  /** What is handled by itself. */
  deliveries(): readonly DeliveryReference[] {
    return [...this.#running.values()].map(({ delivery }) => delivery)
  }

  /** What runs at a position. */
  at(position: Position): Running | undefined {
    return this.#running.get(position)
  }

  /** Notes that a handler runs by itself. */
  claim<R extends Running>(running: R): R {
    this.#running.set(running.delivery.position, running)
    return running
  }

  /** Notes that it has ended. */
  release(running: Running): void {
    const { position } = running.delivery
    if (this.#running.get(position) === running) this.#running.delete(position)
  }

  /** Gives one up: what it does from now on has no effect. */
  giveUp(running: Running): void {
    this.release(running)
    running.abandon()
  }

  all(): IterableIterator<Running> {
    return this.#running.values()
  }

  /** Those that have run longest. */
  get slowest(): Running | undefined {
    let slowest: Running | undefined
    for (const running of this.#running.values())
      if (slowest === undefined || running.startedAt < slowest.startedAt) slowest = running
    return slowest
  }

  /** Gives up all: what they do from now on has no effect. */
  abandonAll(): void {
    const all = [...this.#running.values()]
    this.#running.clear()
    for (const running of all) running.abandon()
  }
}
