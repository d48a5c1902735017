// Watches the clock for one service: moves what has come due to the subscriptions that handle it, or wakes them to take it themselves.
// Invariant: if the loop looks late, the same things happen, only later. It finds the next due item by an index, however many items there
// are.

import type { ServiceCore } from '../core/service-core.ts'
import { type LoopError, WorkLoop } from '../core/work-loop.ts'
import { claimDue } from './claim-due.ts'
import { ClockWatch } from './clock-watch.ts'
import type { DirectQueues } from './direct-queues.ts'
import { nextDueAt } from './find-due.ts'

/** The status of the schedule. */
export interface ScheduleStatus {
  /** When the next item is due, in milliseconds since 1970; `undefined` if nothing is set. */
  readonly nextDueAt: number | undefined
  /** Whether everything that is due was moved to the subscription that handles it, according to the last pass. */
  readonly atRest: boolean
  readonly error: LoopError | undefined
}

/** Moves what is due, until it is closed. */
export class ScheduleLoop {
  readonly #core: ServiceCore
  /** The queues whose subscriptions take items directly; none in manual mode, where due items are moved only by `tick`. */
  readonly #direct: DirectQueues | undefined
  readonly #loop: WorkLoop
  readonly #watch: ClockWatch
  #nextDueAt: number | undefined
  #unlisten: () => void = () => {}

  /** @param direct - the queues whose subscriptions take items directly; without them, the loop is in manual mode. */
  constructor(core: ServiceCore, direct: DirectQueues | undefined) {
    this.#core = core
    this.#direct = direct
    this.#watch = new ClockWatch(core)
    this.#loop = new WorkLoop(core, {
      failing: 'Timers and effects pause',
      resuming: 'Timers and effects resume',
      pass: () => this.#pass(),
    })
  }

  start(): void {
    if (this.#direct === undefined) return
    this.#unlisten = this.#core.scheduleChanged.listen(() => this.#loop.wake())
    this.#loop.start()
  }

  /** Moves at most `countMax` items that are due now; returns how many it moved. */
  async tick(countMax: number): Promise<number> {
    if (this.#core.storeClock !== undefined) await this.#core.storeClock.refresh()
    const { moved } = await claimDue(this.#core, this.#direct, countMax)
    this.#nextDueAt = await nextDueAt(this.#core)
    return moved
  }

  get status(): ScheduleStatus {
    const isDue = this.#nextDueAt !== undefined && this.#nextDueAt <= this.#core.environment.clock.now()
    const atRest = this.#direct === undefined || (this.#loop.atRest && !isDue)
    return { nextDueAt: this.#nextDueAt, atRest, error: this.#loop.error }
  }

  /** Whether everything that is due was moved, according to the store. */
  async atRest(): Promise<boolean> {
    if (this.#direct === undefined) return true
    if (!this.#loop.atRest) return false
    const next = await nextDueAt(this.#core)
    return next === undefined || next > this.#core.environment.clock.now()
  }

  async close(): Promise<void> {
    this.#unlisten()
    this.#loop.close()
    await this.#loop.ended
  }

  async #pass(): Promise<number> {
    if (this.#core.storeClock !== undefined) await this.#core.storeClock.refresh()
    await this.#watch.look()
    const { moved, page } = await claimDue(this.#core, this.#direct)
    this.#nextDueAt = page.firstDueAt
    if (moved > 0) return 0
    const { pollMs } = this.#core.service.limits
    if (page.laterDueAt === undefined) return pollMs
    // The clock may jump, and timeouts have a longest delay: look again after pollMs at the latest.
    return Math.min(pollMs, Math.max(1, Math.ceil(page.laterDueAt - this.#core.environment.clock.now())))
  }
}
