// Watches the clock for one service: lets what has come due be moved to those who handle it.
// Invariant: how late it looks never matters to what happens, only to when; a moment is found by an index, however many are set.

import type { ServiceCore } from '../core/service-core.ts'
import { type LoopError, WorkLoop } from '../core/work-loop.ts'
import { claimDue, nextDueAt } from './claim-due.ts'

/** How the schedule stands. */
export interface ScheduleStatus {
  /** When the next item is due, in milliseconds since 1970; `undefined` where nothing is set. */
  readonly nextDueAt: number | undefined
  /** Whether nothing is due now that has not been moved to the subscription which handles it, as far as was seen. */
  readonly atRest: boolean
  readonly error: LoopError | undefined
}

/** Moves what is due, until it is closed. */
export class ScheduleLoop {
  readonly #core: ServiceCore
  /** Whether the host ticks, and nothing is moved by itself. */
  readonly #ticked: boolean
  readonly #loop: WorkLoop
  #nextDueAt: number | undefined
  #unlisten: () => void = () => {}

  constructor(core: ServiceCore, ticked: boolean) {
    this.#core = core
    this.#ticked = ticked
    this.#loop = new WorkLoop(core, { failing: 'Timers and effects wait', pass: () => this.#pass() })
  }

  start(): void {
    if (this.#ticked) return
    this.#unlisten = this.#core.scheduleChanged.listen(() => this.#loop.wake())
    this.#loop.start()
  }

  /** Moves at most so many items that are due now; gives how many it moved. */
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

  /** Whether nothing is due now that has not been moved, as far as the store knows. */
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
    if ((await claimDue(this.#core)) > 0) return 0
    this.#nextDueAt = await nextDueAt(this.#core)
    const { pollMs } = this.#core.service.limits
    if (this.#nextDueAt === undefined) return pollMs
    // The clock may jump, and a timeouts has a longest delay: it looks again after pollMs at the latest.
    return Math.min(pollMs, Math.max(1, Math.ceil(this.#nextDueAt - this.#core.environment.clock.now())))
  }
}
