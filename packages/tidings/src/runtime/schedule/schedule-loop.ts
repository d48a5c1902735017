// Watches the clock for one service, and moves what has come due to the subscriptions that handle it.
// Invariant: if the loop looks late, the same things happen, only later. It finds the next due item by an index, however many items there
// are.

import type { ServiceCore } from '../core/service-core.ts'
import { type LoopError, WorkLoop } from '../core/work-loop.ts'
import { claimDue, nextDueAt } from './claim-due.ts'
import { ClockWatch } from './clock-watch.ts'

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
  /** Manual mode: due items are moved only by `tick`. */
  readonly #ticked: boolean
  readonly #loop: WorkLoop
  readonly #watch: ClockWatch
  #nextDueAt: number | undefined
  #unlisten: () => void = () => {}

  constructor(core: ServiceCore, ticked: boolean) {
    this.#core = core
    this.#ticked = ticked
    this.#watch = new ClockWatch(core)
    this.#loop = new WorkLoop(core, {
      failing: 'Timers and effects pause',
      resuming: 'Timers and effects resume',
      pass: () => this.#pass(),
    })
  }

  start(): void {
    if (this.#ticked) return
    this.#unlisten = this.#core.scheduleChanged.listen(() => this.#loop.wake())
    this.#loop.start()
  }

  /** Moves at most `countMax` items that are due now; returns how many it moved. */
  async tick(countMax: number): Promise<number> {
    const moved = await claimDue(this.#core, countMax)
    this.#nextDueAt = await nextDueAt(this.#core)
    return moved
  }

  get status(): ScheduleStatus {
    const isDue = this.#nextDueAt !== undefined && this.#nextDueAt <= this.#core.environment.clock.now()
    const atRest = this.#ticked || (this.#loop.atRest && !isDue)
    return { nextDueAt: this.#nextDueAt, atRest, error: this.#loop.error }
  }

  /** Whether everything that is due was moved, according to the store. */
  async atRest(): Promise<boolean> {
    if (this.#ticked) return true
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
    await this.#watch.look()
    this.#nextDueAt = await nextDueAt(this.#core)
    const { pollMs } = this.#core.service.limits
    if (this.#nextDueAt === undefined) return pollMs
    if (this.#nextDueAt <= this.#core.environment.clock.now() && (await claimDue(this.#core)) > 0) return 0
    // The clock may jump, and timeouts have a longest delay: look again after pollMs at the latest.
    return Math.min(pollMs, Math.max(1, Math.ceil(this.#nextDueAt - this.#core.environment.clock.now())))
  }
}
