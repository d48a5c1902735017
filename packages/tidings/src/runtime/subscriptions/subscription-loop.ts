// The loop of one subscriber on one source: try again what is due, read what is new, deliver it, wait for news.
// Invariant: the loop ends only by `close`; whatever goes wrong pauses it, says why, and is tried again.

import { isTidingsError, retryOf, TidingsError } from '../../errors/index.ts'
import { distance, type Position } from '../../ports/index.ts'
import { checkEpoch } from '../delivery/check-epoch.ts'
import { deliverBatch, moveOn, type Outcome } from '../delivery/deliver-batch.ts'
import type { HeldError } from '../delivery/retry-queue.ts'
import { describeError, retryDelay } from '../delivery/retry-policy.ts'
import { Fenced, type LaneState } from '../delivery/subscription.ts'
import { createLock, type Lock, noLock } from '../concurrency/lock.ts'
import { nextDue, retryHeld } from '../delivery/retry-deferred.ts'
import { Signal } from '../concurrency/signal.ts'

/** How a subscription stands. */
export type SubscriptionState = 'starting' | 'running' | 'paused' | 'stopped' | 'closed'

/** What a subscription tells of itself. */
export interface SubscriptionStatus {
  readonly subscriber: string
  readonly kind: LaneState['kind']
  readonly source: string
  readonly state: SubscriptionState
  /** Why it is paused or stopped. */
  readonly error: HeldError | undefined
  readonly position: Position
  readonly head: Position
  /** The most events that can lie between its position and the head. */
  readonly lag: number
  readonly retrying: number
  readonly waiting: number
  readonly parked: number
  readonly queued: number
  readonly handled: number
  /** Milliseconds since it was last known to have seen everything; 0 while it has. */
  readonly stalenessMs: number
}

/** Unsaved progress over deliveries of no interest is kept at every so many pages. */
const saveEvery = 16

/**
 * While news keep coming, a pass waits for so many turns of the scheduler at most, so that under load one transaction carries many
 * events. A turn takes microseconds: a single event is not held up.
 */
const gatherTurnsMax = 64

/** A running subscriber on one source. */
export class Subscription {
  readonly lane: LaneState
  readonly #lock: Lock
  /** Who works while the loop rests works alone. */
  readonly #exclusive = createLock()
  /** Fires whenever the loop has done something or has come to rest. */
  readonly moved = new Signal()
  #state: SubscriptionState = 'starting'
  #error: HeldError | undefined
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

  /** @param lock - shared by lanes that write the same tables, so that they do not run into each other. */
  constructor(lane: LaneState, lock: Lock = noLock) {
    this.lane = lane
    this.#lock = lock
    this.#atHeadAt = lane.core.host.clock.now()
  }

  /** Starts the loop; `ready` holds it back until what it needs is there. */
  start(ready: Promise<void> = Promise.resolve()): void {
    this.#unwatch = this.lane.feed.watch(() => this.wake())
    this.#ended = this.#run(ready)
  }

  /** Says that there may be news. */
  wake(): void {
    this.#news = true
    this.#wake()
  }

  /** Tries waiting deliveries at once instead of when they are due: what they wait for may have come. */
  retryWaiting(code: string): void {
    const now = this.lane.core.host.clock.now()
    let any = false
    for (const head of this.lane.held.heads()) {
      if (head.state === 'waiting' && head.error?.code === code && head.dueAt > now) {
        this.lane.held.set({ ...head, dueAt: now })
        any = true
      }
    }
    if (any) this.wake()
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

  /** Whether everything up to a position has been looked at, and nothing of it is being retried. */
  hasReached(position: Position): boolean {
    return this.lane.seen >= position
  }

  get status(): SubscriptionStatus {
    const { lane } = this
    const counts = { retrying: 0, waiting: 0, parked: 0, queued: 0 }
    for (const held of lane.held.all()) counts[held.state]++
    const lag = distance(lane.seen, this.#head)
    return {
      subscriber: lane.subscriber,
      kind: lane.kind,
      source: lane.feed.source,
      state: this.#state,
      error: this.#error,
      position: lane.seen,
      head: this.#head,
      lag,
      ...counts,
      handled: lane.handledCount,
      stalenessMs:
        lag === 0 && this.#state === 'running' ? 0 : Math.max(0, lane.core.host.clock.now() - this.#atHeadAt),
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
      if (this.#holds === 0 && this.#pausedUntil <= this.lane.core.host.clock.monotonicMs()) {
        this.#working = true
        try {
          worked = await this.#pass()
          this.#settle(worked)
        } catch (error) {
          await this.#stumble(error)
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
    const { scheduler } = this.lane.core.host
    for (let turns = 0; this.#news && turns < gatherTurnsMax && !this.#closing; turns++) {
      this.#news = false
      await new Promise<void>((resolve) => scheduler.soon(resolve))
    }
    this.#news = false
  }

  // One round; says whether it did anything.
  async #pass(): Promise<boolean> {
    const { lane } = this
    const retried = await this.#lock(() => retryHeld(lane))
    if (retried.unavailable) return this.#pauseForUnavailable()
    const { heldCountMax } = lane.core.service.limits
    if (lane.held.count >= heldCountMax) {
      throw new TidingsError(
        'HELD_LIST_FULL',
        `${lane.subscriber} of ${lane.core.service.name} holds ${lane.held.count} events of ${lane.feed.source}; heldCountMax is ${heldCountMax}.`,
      )
    }
    this.#reading = true
    const page = await lane.feed.read(lane.seen, lane.batchCountMax).finally(() => {
      this.#reading = false
    })
    if (this.#closing) return false
    this.#head = page.head
    if (page.epoch === undefined) return retried.worked
    await checkEpoch(lane, page.epoch, page.head)
    if (page.deliveries.length === 0) {
      if (page.next > lane.seen) {
        lane.seen = page.next
        if (++this.#unsavedPages >= saveEvery) await this.#saveSeen()
      }
      return retried.worked || page.next < page.head
    }
    const outcomes = await this.#lock(() => deliverBatch(lane, page.deliveries, page.next))
    this.#unsavedPages = 0
    if (outcomes.some((outcome: Outcome) => outcome.unavailable)) return this.#pauseForUnavailable()
    // A page of nothing but what was handled before is no work: a broker that hands it out again and again is not asked without a pause.
    return retried.worked || outcomes.length > 0 || page.next < page.head
  }

  #pauseForUnavailable(): boolean {
    for (const head of this.lane.held.heads()) {
      if (head.state === 'waiting' && head.error !== undefined) this.#error = head.error
    }
    this.#pause('paused')
    return false
  }

  #pause(state: 'paused' | 'stopped'): void {
    const { host, service } = this.lane.core
    this.#failures++
    this.#state = state
    this.#pausedUntil = host.clock.monotonicMs() + retryDelay(this.#failures, service.limits, host.random)
  }

  #settle(worked: boolean): void {
    if (this.#pausedUntil > this.lane.core.host.clock.monotonicMs()) return
    this.#state = 'running'
    this.#failures = 0
    this.#error = undefined
    if (!worked || this.lane.seen >= this.#head) this.#atHeadAt = this.lane.core.host.clock.now()
  }

  async #stumble(error: unknown): Promise<void> {
    const { lane } = this
    if (this.#closing && isTidingsError(error, 'CLOSED')) return
    if (error instanceof Fenced) {
      lane.core.log.warn('A subscription was moved by another runtime; it goes on from there', {
        subscriber: lane.subscriber,
        source: lane.feed.source,
      })
      await lane.load().catch(() => {})
      return
    }
    const known = describeError(error)
    if (this.#error?.code !== known.code) {
      const log = retryOf(error) === 'unavailable' ? lane.core.log.warn : lane.core.log.error
      log('A subscription pauses', {
        subscriber: lane.subscriber,
        source: lane.feed.source,
        code: known.code,
        error: known.message,
        hint: known.hint,
      })
    }
    this.#error = known
    this.#pause(known.code === 'EPOCH_CHANGED' || known.code === 'HISTORY_GONE' ? 'stopped' : 'paused')
  }

  #sleep(): Promise<void> {
    const { clock, scheduler } = this.lane.core.host
    const now = clock.now()
    const due = nextDue(this.lane)
    const pausedMs = this.#pausedUntil - clock.monotonicMs()
    const pollMs = this.lane.core.service.limits.pollMs
    const dueMs = due === undefined ? pollMs : Math.max(0, due - now)
    const delayMs = pausedMs > 0 ? pausedMs : Math.min(pollMs, dueMs)
    return new Promise((resolve) => {
      const cancel = scheduler.after(delayMs, resolve)
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
    if (this.lane.seen > this.lane.progress.position) {
      await moveOn(this.lane, this.lane.seen).catch(() => {
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
