// A loop that works while there is something to do, sleeps while there is nothing, and pauses with growing delays after a failure.
// Invariant: it ends only by `close`; a failure is logged once, kept for the status, and followed by another try.

import { retryOf } from '../../errors/index.ts'
import { pollSlackMs } from '../concurrency/wait.ts'
import { type ErrorSummary, summarizeError } from '../failures/error-summary.ts'
import { retryDelay } from '../failures/retry-delay.ts'
import type { ServiceCore } from './service-core.ts'

/** The work of a loop. */
export interface LoopWork {
  /** The log message when it fails: `The relay pauses`. */
  readonly failing: string
  /** The log message when it works again: `The relay resumes`. */
  readonly resuming: string
  /** Makes one pass; returns how long to sleep after it, in milliseconds. 0 continues at once. */
  pass(): Promise<number>
  /** The longest pause after a failure, in milliseconds. Default: the service's `retryDelayMsMax`. */
  readonly pauseMsMax?: number
}

/** The failure of a loop, for its status. */
export interface LoopError {
  readonly code: string
  readonly message: string
}

/** A loop beside a service's subscriptions. */
export class WorkLoop {
  readonly #core: ServiceCore
  readonly #work: LoopWork
  #error: ErrorSummary | undefined
  #failures = 0
  #woken = false
  #passing = false
  #closing = false
  #wake: () => void = () => {}
  #ended: Promise<void> = Promise.resolve()

  constructor(core: ServiceCore, work: LoopWork) {
    this.#core = core
    this.#work = work
  }

  start(): void {
    this.#woken = true
    this.#ended = this.#run()
  }

  /** Wakes the loop: there may be something to do. It does not end a pause after a failure. */
  wake(): void {
    this.#woken = true
    this.#wake()
  }

  /** Why it pauses. */
  get error(): LoopError | undefined {
    return this.#error === undefined ? undefined : { code: this.#error.code, message: this.#error.message }
  }

  /** Why it pauses, and what to do about it. */
  get failure(): ErrorSummary | undefined {
    return this.#error
  }

  /** Whether its last pass left nothing to do and nothing has woken it since. */
  get atRest(): boolean {
    return !this.#woken && !this.#passing
  }

  get closing(): boolean {
    return this.#closing
  }

  /** Ends it after the pass in progress; `ended` resolves then. */
  close(): void {
    this.#closing = true
    this.#wake()
  }

  get ended(): Promise<void> {
    return this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#closing) {
      this.#woken = false
      const delayMs = await this.#pass()
      if (delayMs > 0 && (!this.#woken || this.#error !== undefined)) await this.#sleep(delayMs)
    }
  }

  async #pass(): Promise<number> {
    this.#passing = true
    try {
      const delayMs = await this.#work.pass()
      if (this.#error !== undefined && !this.#closing) this.#core.log.info(this.#work.resuming)
      this.#error = undefined
      this.#failures = 0
      return delayMs
    } catch (error) {
      return this.#fail(error)
    } finally {
      this.#passing = false
    }
  }

  #fail(error: unknown): number {
    const { environment, log, service } = this.#core
    const known = summarizeError(error)
    if (!this.#closing && this.#error?.code !== known.code) {
      const write = retryOf(error) === 'unavailable' ? log.warn : log.error
      write(this.#work.failing, {
        code: known.code,
        error: known.message,
        hint: known.hint,
        next: 'npx tidings status',
      })
    }
    this.#error = known
    this.#failures++
    const { pauseMsMax = service.limits.retryDelayMsMax } = this.#work
    return Math.min(pauseMsMax, retryDelay(this.#failures, service.limits, environment.random))
  }

  #sleep(delayMs: number): Promise<void> {
    const slackMs = pollSlackMs(delayMs, this.#core.service.limits.pollMs)
    return new Promise((resolve) => {
      const cancel = this.#core.environment.timeouts.after(delayMs, resolve, { slackMs })
      this.#wake = () => {
        if (this.#error !== undefined && !this.#closing) return
        cancel()
        resolve()
      }
      if (this.#closing || (this.#woken && this.#error === undefined)) this.#wake()
    })
  }
}
