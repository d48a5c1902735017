// The loop of one subscription: retry what is due, read what is new, deliver it, wait for news.
// Invariant: the loop ends only by `close`; whatever goes wrong pauses it, is logged, and is tried again.

import { isTidingsError, retryOf, TidingsError } from '../../errors/index.ts'
import { distance, type Position } from '../../ports/index.ts'
import { createLock, type Lock, noLock } from '../concurrency/lock.ts'
import { Signal } from '../concurrency/signal.ts'
import { checkEpoch } from '../delivery/check-epoch.ts'
import { deliverBatch } from '../delivery/deliver-batch.ts'
import { nextRetryAt, retryDeferred } from '../delivery/retry-deferred.ts'
import { Fenced, type Subscription, type SubscriptionKind } from '../delivery/subscription.ts'
import { type ErrorSummary, summarizeError } from '../failures/error-summary.ts'
import { retryDelay } from '../failures/retry-delay.ts'

/** How a subscription stands. */
export type SubscriptionState = 'starting' | 'running' | 'paused' | 'stopped' | 'closed'

/** What a subscription tells of itself. */
export interface SubscriptionStatus {
  readonly subscriber: string
  readonly kind: SubscriptionKind
  readonly source: string
  readonly state: SubscriptionState
  /** Why it is paused or stopped. */
  readonly error: ErrorSummary | undefined
  readonly position: Position
  readonly head: Position
  /** The most events that can lie between its position and the head. */
  readonly lag: number
  readonly retrying: number
  readonly waiting: number
  readonly parked: number
  readonly blocked: number
  readonly handled: number
  /** Milliseconds since it was last known to have seen everything; 0 while it has. */
  readonly stalenessMs: number
}

/** Unsaved progress over deliveries of no interest is kept at every so many pages. */
const saveEvery = 16

/**
 * While news keep coming, a pass waits for so many turns of the timeouts at most, so that under load one transaction carries many
 * events. A turn takes microseconds: a single event is not held up.
 */
const gatherTurnsMax = 64

/** A running subscriber on one source. */
export class SubscriptionLoop {
  readonly subscription: Subscription
  readonly #lock: Lock
  /** Who works while the loop rests works alone. */
  readonly #exclusive = createLock()
  /** Fires whenever the loop has done something or has come to rest. */
  readonly moved = new Signal()
  #state: SubscriptionState = 'starting'
  #error: ErrorSummary | undefined
  #head: Position = ''
  #failures = 0
  #unsavedPages = 0
  /** By the clock that is never put back. */
  #pausedUntil = 0
  #atHeadAt: number
  #news = true
  #holds = 0
  #working = false
  #reading = false
  #closing = false
  #ended: Promise<void> | undefined
  #wake: () => void = () => {}
  #unwatch: () => void = () => {}

  /** @param lock - shared by subscriptions that write the same tables, so that they do not conflict with each other. */
  constructor(subscription: Subscription, lock: Lock = noLock) {
    this.subscription = subscription
    this.#lock = lock
    this.#atHeadAt = subscription.core.environment.clock.now()
  }

  /** Starts the loop; `ready` holds it back until what it needs is there. */
  start(ready: Promise<void> = Promise.resolve()): void {
    this.#unwatch = this.subscription.reader.watch(() => this.wake())
    this.#ended = this.#run(ready)
  }

  /** Says that there may be news. */
  wake(): void {
    this.#news = true
    this.#wake()
  }

  /** Retries waiting deliveries at once instead of when they are due: what they wait for may have come. */
  retryWaiting(code: string): void {
    if (this.subscription.retryWaiting(code)) this.wake()
  }

  /** Forgets a pause: an operator has mended what was wrong. */
  resume(): void {
    this.#pausedUntil = 0
    this.#failures = 0
    this.wake()
  }

  /** Whether there is nothing left to do now, as far as was seen. */
  get atRest(): boolean {
    return this.#state === 'running' && !this.#working && !this.#news
  }

  get head(): Position {
    return this.#head
  }

  /** Asks the source where its history ends now; `undefined` if it cannot be read. */
  async readHead(): Promise<Position | undefined> {
    const { reader, seen } = this.subscription
    const page = await reader.read(seen, 1).catch(() => undefined)
    return page?.head
  }

  /** Whether everything up to a position has been looked at, and nothing of it is being retried. */
  hasReached(position: Position): boolean {
    return this.subscription.seen >= position
  }

  get status(): SubscriptionStatus {
    const { subscription } = this
    const counts = { retrying: 0, waiting: 0, parked: 0, blocked: 0 }
    for (const { state } of subscription.deferred.all()) counts[state]++
    const lag = distance(subscription.seen, this.#head)
    return {
      subscriber: subscription.subscriber,
      kind: subscription.kind,
      source: subscription.source,
      state: this.#state,
      error: this.#error,
      position: subscription.seen,
      head: this.#head,
      lag,
      ...counts,
      handled: subscription.handledCount,
      stalenessMs:
        lag === 0 && this.#state === 'running'
          ? 0
          : Math.max(0, subscription.core.environment.clock.now() - this.#atHeadAt),
    }
  }

  /** Runs `work` while the loop rests: nothing is delivered in between. */
  async whileResting<T>(work: () => Promise<T>): Promise<T> {
    this.#holds++
    try {
      return await this.#exclusive(async () => {
        while (this.#working)
          await new Promise<void>((resolve) => {
            const stop = this.moved.listen(() => {
              stop()
              resolve()
            })
          })
        return await work()
      })
    } finally {
      this.#holds--
      this.wake()
    }
  }

  /** Ends the loop after what is under way. */
  async close(): Promise<void> {
    this.#closing = true
    this.#unwatch()
    this.#wake()
    // A source that does not answer keeps nobody waiting: when it does, the loop sees that it has ended.
    if (!this.#reading) await this.#ended
    this.#state = 'closed'
  }

  async #run(ready: Promise<void>): Promise<void> {
    await Promise.race([ready, this.#closed()])
    while (!this.#closing) {
      await this.#gather()
      let worked = false
      if (this.#holds === 0 && this.#pausedUntil <= this.subscription.core.environment.clock.monotonicMs()) {
        this.#working = true
        try {
          worked = await this.#pass()
          this.#settle(worked)
        } catch (error) {
          await this.#fail(error)
        }
        this.#working = false
      }
      this.moved.fire()
      if (!worked && !this.#news && !this.#closing) await this.#sleep()
    }
    await this.#saveSeen()
  }

  // Lets news pile up as long as they come without a pause.
  async #gather(): Promise<void> {
    const { timeouts } = this.subscription.core.environment
    for (let turns = 0; this.#news && turns < gatherTurnsMax && !this.#closing; turns++) {
      this.#news = false
      await new Promise<void>((resolve) => timeouts.soon(resolve))
    }
    this.#news = false
  }

  // One round; says whether it did anything.
  async #pass(): Promise<boolean> {
    const { subscription } = this
    const retried = await this.#lock(() => retryDeferred(subscription))
    if (retried.unavailable) return this.#pauseForUnavailable()
    const { deferredCountMax } = subscription.core.service.limits
    if (subscription.deferred.count >= deferredCountMax) {
      throw new TidingsError(
        'DEFERRED_LIST_FULL',
        `${subscription.subscriber} of ${subscription.core.service.name} has deferred ${subscription.deferred.count} events of ${subscription.source}; deferredCountMax is ${deferredCountMax}.`,
      )
    }
    this.#reading = true
    const page = await subscription.reader.read(subscription.seen, subscription.batchCountMax).finally(() => {
      this.#reading = false
    })
    if (this.#closing) return false
    this.#head = page.head
    if (page.epoch === undefined) return retried.worked
    await checkEpoch(subscription, page.epoch, page.head)
    if (page.deliveries.length === 0) {
      if (page.next > subscription.seen) {
        subscription.passOver(page.next)
        if (++this.#unsavedPages >= saveEvery) await this.#saveSeen()
      }
      return retried.worked || page.next < page.head
    }
    const outcomes = await this.#lock(() => deliverBatch(subscription, page.deliveries, page.next))
    this.#unsavedPages = 0
    if (outcomes.some(({ unavailable }) => unavailable)) return this.#pauseForUnavailable()
    // Already-handled pages are not progress: back off, even if a broker hands one out again and again.
    return retried.worked || outcomes.length > 0 || page.next < page.head
  }

  #pauseForUnavailable(): boolean {
    for (const head of this.subscription.deferred.heads()) {
      if (head.state === 'waiting' && head.error !== undefined) this.#error = head.error
    }
    this.#pause('paused')
    return false
  }

  #pause(state: 'paused' | 'stopped'): void {
    const { environment, service } = this.subscription.core
    this.#failures++
    this.#state = state
    this.#pausedUntil = environment.clock.monotonicMs() + retryDelay(this.#failures, service.limits, environment.random)
  }

  #settle(worked: boolean): void {
    if (this.#pausedUntil > this.subscription.core.environment.clock.monotonicMs()) return
    this.#state = 'running'
    this.#failures = 0
    this.#error = undefined
    if (!worked || this.subscription.seen >= this.#head) this.#atHeadAt = this.subscription.core.environment.clock.now()
  }

  async #fail(error: unknown): Promise<void> {
    const { subscription } = this
    if (this.#closing && isTidingsError(error, 'CLOSED')) return
    if (error instanceof Fenced) {
      subscription.core.log.warn('A subscription was moved by another runtime; it goes on from there', {
        subscriber: subscription.subscriber,
        source: subscription.source,
      })
      await subscription.load().catch(() => {})
      return
    }
    const known = summarizeError(error)
    if (this.#error?.code !== known.code) {
      const log = retryOf(error) === 'unavailable' ? subscription.core.log.warn : subscription.core.log.error
      log('A subscription pauses', {
        subscriber: subscription.subscriber,
        source: subscription.source,
        code: known.code,
        error: known.message,
        hint: known.hint,
      })
    }
    this.#error = known
    this.#pause(known.code === 'EPOCH_CHANGED' || known.code === 'HISTORY_GONE' ? 'stopped' : 'paused')
  }

  #sleep(): Promise<void> {
    const { clock, timeouts } = this.subscription.core.environment
    const now = clock.now()
    const due = nextRetryAt(this.subscription)
    const pausedMs = this.#pausedUntil - clock.monotonicMs()
    const pollMs = this.subscription.core.service.limits.pollMs
    const dueMs = due === undefined ? pollMs : Math.max(0, due - now)
    const delayMs = pausedMs > 0 ? pausedMs : Math.min(pollMs, dueMs)
    return new Promise((resolve) => {
      const cancel = timeouts.after(delayMs, resolve)
      this.#wake = () => {
        // A paused subscription sleeps on: news do not mend what it waits for.
        if (pausedMs > 0 && this.#pausedUntil > clock.monotonicMs() && !this.#closing) return
        cancel()
        resolve()
      }
      if (this.#closing || (this.#news && pausedMs <= 0)) this.#wake()
    })
  }

  async #saveSeen(): Promise<void> {
    this.#unsavedPages = 0
    if (this.subscription.seen > this.subscription.checkpoint.position) {
      await this.subscription.advance(this.subscription.seen).catch(() => {
        // The place is read again at the next start; nothing there was of interest.
      })
    }
  }

  #closed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        if (this.#closing) resolve()
      }
    })
  }
}
