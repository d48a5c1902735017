// Admits requests while the process can handle them. In each round of the event loop, commands and queries begin for some milliseconds; the others
// wait for the next round, so the subscriptions of the process have their turn in between. Whoever would wait too long is refused before anything of
// the request is read. Invariant: requests begin in the order they came, and none waits longer than `waitMsMax`.

import { type Log, TidingsError } from 'tidings'
import type { Environment } from 'tidings/ports'
import { createLog } from 'tidings/runtime'

/** How long requests may begin within one round, in milliseconds: a hundred commands, so that their commits still share a transaction. */
const roundMs = 10
/** The most requests that begin within one round: half of what a subscription handles in a batch, so it keeps up with one event for each. */
const roundCountMax = 128
/** How long requests may wait if the line has not been empty for `standingAfterMs`: a burst may wait longer than a line that stays. */
const standingMsMax = 100
const standingAfterMs = 500
/** Those that have gone are removed from the line in one go. */
const goneCountMax = 1_024
/** An overload has ended if nothing was refused for so long. */
const calmMs = 5_000

/** What admission needs. */
export interface AdmissionOptions {
  /** Whose thread it is, for messages: `this process`. */
  readonly who: string
  /** The longest wait, in milliseconds. */
  readonly waitMsMax: number
  /** Clock, log and timeouts. */
  readonly environment: Pick<Environment, 'clock' | 'log' | 'timeouts'>
}

interface Waiting {
  readonly since: number
  readonly onRefused: (() => void) | undefined
  readonly go: () => void
  readonly fail: (error: unknown) => void
}

/** Lets requests in, in the order they came. */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #log: Log
  readonly #line: Waiting[] = []
  /** How many of the line have gone; they are removed together. */
  #gone = 0
  #emptyAt = Number.NEGATIVE_INFINITY
  #roundStartedAt = 0
  #begun = 0
  #inRound = false
  #refused = 0
  #overload: { readonly since: number; readonly refusedBefore: number; refusedAt: number } | undefined

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#log = createLog(options.environment, undefined)
  }

  /** How many wait. */
  get waitingCount(): number {
    return this.#line.length - this.#gone
  }

  /** How many were refused. */
  get refusedCount(): number {
    return this.#refused
  }

  /**
   * Lets a request in: at once if this returns `undefined`, otherwise when the promise resolves. Throws, or rejects with, `OVERLOADED`.
   *
   * @param onRefused - called if it is refused, to count it.
   */
  admit(onRefused?: () => void): Promise<void> | undefined {
    const now = this.#options.environment.clock.monotonicMs()
    if (!this.#inRound) this.#beginRound(now)
    if (this.waitingCount === 0) {
      this.#emptyAt = now
      if (this.#hasTime(now)) {
        this.#begun++
        return undefined
      }
    } else if (this.#stands(now)) throw this.#refuse(now, onRefused)
    return new Promise((go, fail) => {
      this.#line.push({ since: now, onRefused, go, fail })
    })
  }

  #hasTime(now: number): boolean {
    return this.#begun < roundCountMax && now - this.#roundStartedAt < roundMs
  }

  // Whether the line has stood for a while, and its first has waited for long. A burst makes a line, but not one that stays.
  #stands(now: number): boolean {
    const first = this.#line[this.#gone] as Waiting
    const waitedMs = now - first.since
    return waitedMs > this.#options.waitMsMax || (waitedMs > standingMsMax && now - this.#emptyAt > standingAfterMs)
  }

  #beginRound(now: number): void {
    this.#inRound = true
    this.#begun = 0
    this.#roundStartedAt = now
    this.#options.environment.timeouts.soon(() => this.#endRound())
  }

  // Those who wait begin in the next round, each in a callback of its own, so that each is measured.
  #endRound(): void {
    const { timeouts } = this.#options.environment
    this.#inRound = false
    const count = Math.min(this.waitingCount, roundCountMax)
    if (count === 0) return
    this.#inRound = true
    this.#begun = roundCountMax
    let begun = 0
    let startedAt = 0
    for (let place = 0; place < count; place++) {
      timeouts.soon(() => {
        const now = this.#options.environment.clock.monotonicMs()
        if (begun === 0) startedAt = now
        if (begun > 0 && now - startedAt >= roundMs) return
        if (this.#beginNext(now)) begun++
      })
    }
    timeouts.soon(() => this.#endRound())
  }

  // Returns whether one has begun.
  #beginNext(now: number): boolean {
    while (this.waitingCount > 0) {
      const next = this.#line[this.#gone++] as Waiting
      if (this.#gone === this.#line.length) this.#emptyAt = now
      if (this.#gone === this.#line.length || this.#gone >= goneCountMax) {
        this.#line.splice(0, this.#gone)
        this.#gone = 0
      }
      if (now - next.since <= this.#options.waitMsMax) {
        next.go()
        return true
      }
      next.fail(this.#refuse(now, next.onRefused))
    }
    return false
  }

  #refuse(now: number, onRefused: (() => void) | undefined): TidingsError {
    this.#refused++
    onRefused?.()
    if (this.#overload === undefined) this.#beginOverload(now)
    else this.#overload.refusedAt = now
    return new TidingsError('OVERLOADED', `More requests come than ${this.#options.who} can handle.`)
  }

  #beginOverload(now: number): void {
    this.#overload = { since: now, refusedBefore: this.#refused - 1, refusedAt: now }
    this.#log.warn(`More requests come than ${this.#options.who} can handle; some are refused with OVERLOADED`, {
      waiting: this.waitingCount,
      next: 'npx tidings status',
    })
    this.#watchOverload(calmMs)
  }

  // One line when it begins and one when it ends, whatever the number of requests.
  #watchOverload(delayMs: number): void {
    const { clock, timeouts } = this.#options.environment
    timeouts.after(delayMs, () => {
      const overload = this.#overload
      if (overload === undefined) return
      const calmForMs = clock.monotonicMs() - overload.refusedAt
      if (calmForMs < calmMs) return this.#watchOverload(calmMs - calmForMs)
      this.#overload = undefined
      this.#log.info('No more requests are refused', {
        refused: this.#refused - overload.refusedBefore,
        durationMs: Math.round(overload.refusedAt - overload.since),
      })
    })
  }
}
