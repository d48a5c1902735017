// A loop that does what there is to do, sleeps where there is nothing, and pauses with growing delays where something fails.
// Invariant: it ends only by `close`; a failure is logged once, kept to be shown, and tried again.

import { retryOf } from '../../errors/index.ts'
import { summarizeError } from '../failures/error-summary.ts'
import { retryDelay } from '../failures/retry-delay.ts'
import type { ServiceCore } from './service-core.ts'

/** What a loop does. */
export interface LoopWork {
  /** What is said when it fails: `The relay pauses`. */
  readonly failing: string
  /** One pass: gives how long to sleep behind it, in milliseconds; 0 goes on at once. */
  pass(): Promise<number>
}

/** A failure as it is shown. */
export interface LoopError {
  readonly code: string
  readonly message: string
}

/** A loop beside a service's subscriptions. */
export class WorkLoop {
  readonly #core: ServiceCore
  readonly #work: LoopWork
  #error: LoopError | undefined
  #failures = 0
  #news = false
  #passing = false
  #closing = false
  #wake: () => void = () => {}
  #ended: Promise<void> = Promise.resolve()

  constructor(core: ServiceCore, work: LoopWork) {
    this.#core = core
    this.#work = work
  }

  start(): void {
    this.#news = true
    this.#ended = this.#run()
  }

  /** Says that there may be something to do. While it pauses after a failure, news mend nothing. */
  wake(): void {
    this.#news = true
    this.#wake()
  }

  /** What it pauses for. */
  get error(): LoopError | undefined {
    return this.#error
  }

  /** Whether nothing was left to do, as far as was seen. */
  get atRest(): boolean {
    return !this.#news && !this.#passing
  }

  get closing(): boolean {
    return this.#closing
  }

  /** Ends it behind the pass under way; `ended` resolves then. */
  close(): void {
    this.#closing = true
    this.#wake()
  }

  get ended(): Promise<void> {
    return this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#closing) {
      this.#news = false
      const delayMs = await this.#pass()
      if (delayMs > 0 && (!this.#news || this.#error !== undefined)) await this.#sleep(delayMs)
    }
  }

  async #pass(): Promise<number> {
    this.#passing = true
    try {
      const delayMs = await this.#work.pass()
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
      write(this.#work.failing, { code: known.code, error: known.message, hint: known.hint })
    }
    this.#error = { code: known.code, message: known.message }
    this.#failures++
    return retryDelay(this.#failures, service.limits, environment.random)
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#core.environment.timeouts.after(delayMs, resolve)
      this.#wake = () => {
        if (this.#error !== undefined && !this.#closing) return
        cancel()
        resolve()
      }
      if (this.#closing || (this.#news && this.#error === undefined)) this.#wake()
    })
  }
}
