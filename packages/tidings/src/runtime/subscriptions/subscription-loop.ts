// The loop of one subscription: it retries what is due, reads what is new, delivers it, and sleeps until it is woken.
// Invariant: the loop ends only by `close`; an error pauses it, is logged, and is followed by another try.

import { isInstance, isTidingsError, retryOf } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import { createLock, type Lock, noLock } from '../concurrency/lock.ts'
import { Signal } from '../concurrency/signal.ts'
import { pollSlackMs } from '../concurrency/wait.ts'
import { checkEpoch, checkHeard, checkNeverHeard } from '../delivery/check-epoch.ts'
import { deliverBatch } from '../delivery/deliver-batch.ts'
import { beginRetries, nextRetryAt, placeDeferred, retryInOrder } from '../delivery/retry-deferred.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { Fenced, isBehind } from '../delivery/subscription-change.ts'
import { type ErrorSummary, summarizeError } from '../failures/error-summary.ts'
import { retryDelay } from '../failures/retry-delay.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { checkDeferredCount, logFull } from './log-full.ts'
import { logPause, logResume, stopsAt } from './log-pause.ts'
import { RunningTasks } from './running-tasks.ts'
import { type SubscriptionState, type SubscriptionStatus, statusOf } from './subscription-status.ts'

/** After this many pages that held nothing for the subscription, the checkpoint is saved. */
const saveEvery = 16

/**
 * While wake-ups keep coming, a pass waits for so many rounds of the event loop at most, so that one transaction carries many events; a round takes
 * microseconds. It waits no longer than some milliseconds, because commands may take the thread, and not at all if it has left events behind.
 */
const gatherRoundsMax = 64
const gatherMsMax = 5

/** A running subscriber on one source. */
export class SubscriptionLoop {
  readonly subscription: Subscription
  readonly #lock: Lock
  /** Lets one caller of `whileResting` work at a time. */
  readonly #exclusive = createLock()
  /** Fires after every pass. */
  readonly moved = new Signal()
  #state: SubscriptionState = 'starting'
  #error: ErrorSummary | undefined
  /** The code of the pause that was logged last, until it resumes. */
  #pauseLogged: string | undefined
  #head: Position = ''
  #failures = 0
  #unsavedPages = 0
  /** By the monotonic clock. */
  #pausedUntil = 0
  #atHeadAt: number
  #woken = true
  #isLook = false
  #holds = 0
  #working = false
  #reading = false
  #closing = false
  readonly #tasks: RunningTasks
  #fullLogged = false
  #ended: Promise<void> | undefined
  #wake: () => void = () => {}
  #unwatch: () => void = () => {}

  /** @param lock - shared by subscriptions that write the same tables, so that they do not conflict with each other. */
  constructor(subscription: Subscription, lock: Lock = noLock) {
    this.subscription = subscription
    this.#lock = lock
    this.#atHeadAt = subscription.core.environment.clock.now()
    this.#tasks = new RunningTasks(subscription, {
      isUnavailable: () => this.#pauseForUnavailable(),
      moves: () => this.moved.fire(),
      wake: () => this.wake(),
    })
  }

  /** Starts the loop; it makes no pass before `ready` resolves. */
  start(ready: Promise<void> = Promise.resolve()): void {
    this.#unwatch = this.subscription.reader.watch(
      () => this.wake(),
      () => this.#isReady,
    )
    this.#ended = this.#run(ready)
  }

  /** Wakes the loop: there may be something to do. */
  wake(): void {
    this.#woken = true
    this.#wake()
  }

  /** Retries deliveries that failed with this code and wait, at once instead of when they are due. */
  retryWaiting(code: string): void {
    if (this.subscription.retryWaiting(code)) this.wake()
  }

  /** Ends a pause: an operator has removed its cause. */
  resume(): void {
    this.#pausedUntil = 0
    this.#failures = 0
    this.wake()
  }

  /** Whether its last pass left nothing to do and nothing has woken it since. */
  get atRest(): boolean {
    return this.#state === 'running' && !this.#working && !this.#woken && this.subscription.running.count === 0
  }

  get head(): Position {
    return this.#head
  }

  /** Whether it runs, and is not paused. */
  get isRunning(): boolean {
    return this.#state === 'starting' || this.#state === 'running'
  }

  /** Reads the head of the source now; `undefined` if it cannot be read. */
  async readHead(): Promise<Position | undefined> {
    const { core, reader, seen } = this.subscription
    if (core.sharesStore) await this.follow().catch(() => {})
    const page = await reader.read(seen, 1).catch(() => undefined)
    return page?.head
  }

  /** Whether everything up to a position was read, and handled or deferred. */
  hasReached(position: Position): boolean {
    return this.subscription.seen >= position
  }

  get status(): SubscriptionStatus {
    return statusOf(this.subscription, {
      state: this.#state,
      error: this.#error,
      head: this.#head,
      atHeadAt: this.#atHeadAt,
    })
  }

  /** Runs `work` while the loop delivers nothing. */
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

  /** Goes on from what is stored, if an operator has changed something through another instance. */
  async follow(): Promise<void> {
    const { core, key } = this.subscription
    await this.followTo((await core.store.get(systemTables.checkpoints, key))?.revision ?? 0)
  }

  /** Goes on from what is stored, if its checkpoint has this revision there. */
  async followTo(revision: number): Promise<void> {
    if (!(await isBehind(this.subscription, revision))) return
    await this.whileResting(async () => {
      if (revision > this.subscription.revision) await this.subscription.load()
    })
    this.resume()
  }

  /**
   * Ends the loop after the pass in progress. Waits up to `drainMsMax` for handlers that run, and commits what they have done; what takes longer is
   * handled again after the next start. With `closing`, they have their whole time until it fires.
   */
  async close(closing?: AbortSignal): Promise<void> {
    this.#closing = true
    this.subscription.stop()
    this.#unwatch()
    this.#wake()
    // Closing does not wait for a source that does not answer; the loop ends when it does.
    await this.#tasks.drain(this.#reading ? Promise.resolve() : this.#ended, closing)
    this.#state = 'closed'
  }

  async #run(ready: Promise<void>): Promise<void> {
    await Promise.race([ready, this.#closed()])
    while (!this.#closing) {
      const isLook = this.#isLook && !this.#woken
      this.#isLook = false
      await this.#gather()
      let worked = false
      if (this.#holds === 0 && this.#pausedUntil <= this.subscription.core.environment.clock.monotonicMs()) {
        this.#working = true
        try {
          worked = await this.#pass(isLook)
          this.#succeed(worked)
          this.subscription.direct?.endBatch()
        } catch (error) {
          await this.#fail(error)
          this.subscription.direct?.giveBack()
        }
        this.#working = false
      }
      this.moved.fire()
      this.subscription.core.repeatedLines.writeDue()
      if (!worked && !this.#woken && !this.#closing) await this.#sleep()
    }
    await this.#saveSeen()
  }

  // Lets events accumulate as long as a wake-up comes in every round.
  async #gather(): Promise<void> {
    const { clock, timeouts } = this.subscription.core.environment
    const isBehind = this.subscription.seen < this.#head
    const until = isBehind || !this.#woken ? 0 : clock.monotonicMs() + gatherMsMax
    for (let rounds = 0; this.#woken && rounds < gatherRoundsMax && !this.#closing; rounds++) {
      if (isBehind || (rounds > 0 && clock.monotonicMs() > until)) break
      this.#woken = false
      await new Promise<void>((resolve) => timeouts.soon(resolve))
    }
    this.#woken = false
  }

  // Whether it handles at once what comes, and nothing has to be isolated.
  get #isReady(): boolean {
    const { subscription } = this
    return (
      this.#state === 'running' && this.#holds === 0 && subscription.placesLeft > 0 && !subscription.isIsolated(false)
    )
  }

  // Makes one pass; returns whether it did anything.
  async #pass(isLook: boolean): Promise<boolean> {
    const { subscription } = this
    this.#tasks.throwError()
    const retried = await this.#retry()
    if (retried.unavailable) return this.#pauseForUnavailable()
    if (this.#isFull()) return false
    checkDeferredCount(subscription)
    this.#reading = true
    const read = subscription.reader.readNext ?? subscription.reader.read
    const page = await read(subscription.seen, subscription.batchCount, isLook).finally(() => {
      this.#reading = false
    })
    if (this.#closing) return false
    this.#head = page.head
    if (page.epoch === undefined) {
      checkNeverHeard(subscription)
      return retried.worked
    }
    await checkEpoch(subscription, page.epoch, page.head)
    subscription.noteHead(page.head)
    await checkHeard(subscription, page)
    subscription.noteRead(page)
    if (page.deliveries.length === 0) {
      if (page.next > subscription.seen) {
        subscription.skipTo(page.next)
        if (++this.#unsavedPages >= saveEvery) await this.#saveSeen()
      } else if (subscription.core.sharesStore) await this.#saveSeen()
      return retried.worked || page.next < page.head
    }
    const outcomes = await this.#lock(() => deliverBatch(subscription, page.deliveries, page.next))
    this.#unsavedPages = 0
    if (outcomes.some(({ unavailable }) => unavailable)) return this.#pauseForUnavailable()
    // What comes after the head that was read wakes the loop. A page that was handled before is no progress: even if a broker returns one again and
    // again, the loop sleeps.
    const isLeft = subscription.seen < page.head || outcomes.some(({ outcome }) => outcome !== 'done')
    return retried.worked || (outcomes.length > 0 && isLeft) || page.next < page.head
  }

  // If the subscription was paused, one retry shows whether what was missing is back, before all others follow.
  async #retry(): Promise<{ readonly worked: boolean; readonly unavailable: boolean }> {
    const { subscription } = this
    if (subscription.needsPlacing) await this.#lock(() => placeDeferred(subscription))
    if (subscription.sequential) return this.#lock(() => retryInOrder(subscription))
    const wasPaused = this.#failures > 0
    const retries = beginRetries(subscription, wasPaused ? 1 : Number.POSITIVE_INFINITY)
    for (const retry of retries) this.#tasks.follow(retry)
    const [first] = retries
    if (!wasPaused || first === undefined) return { worked: false, unavailable: false }
    const outcome = await this.#tasks.soonEnded(first)
    this.#tasks.throwError()
    return { worked: false, unavailable: outcome?.unavailable === true }
  }

  // Whether so many handlers run that new events wait.
  #isFull(): boolean {
    const { subscription } = this
    const isFull = subscription.placesLeft === 0
    if (isFull && !this.#fullLogged) logFull(subscription)
    this.#fullLogged = isFull
    return isFull
  }

  #pauseForUnavailable(): boolean {
    // Several that run side by side find out the same.
    if (this.#pausedUntil > this.subscription.core.environment.clock.monotonicMs()) return false
    let known: ErrorSummary | undefined
    for (const head of this.subscription.deferred.heads()) {
      if (head.state === 'waiting' && head.error !== undefined) known = head.error
    }
    if (known !== undefined) this.#notePause(known, 'warn')
    this.#pause('paused')
    return false
  }

  // Logs why it pauses, once until it resumes, and keeps it for the status.
  #notePause(known: ErrorSummary, level: 'warn' | 'error'): void {
    if (this.#pauseLogged !== known.code) logPause(this.subscription, known, level)
    this.#pauseLogged = known.code
    this.#error = known
  }

  // An event that is still to be retried for the same reason may pause it again.
  #noteResume(code: string): void {
    for (const { state, error } of this.subscription.deferred.heads())
      if (state === 'waiting' && error?.code === code) return
    this.#pauseLogged = undefined
    logResume(this.subscription, code)
  }

  #pause(state: 'paused' | 'stopped'): void {
    const { environment, service } = this.subscription.core
    this.#failures++
    this.#state = state
    this.#pausedUntil = environment.clock.monotonicMs() + retryDelay(this.#failures, service.limits, environment.random)
  }

  #succeed(worked: boolean): void {
    if (this.#pausedUntil > this.subscription.core.environment.clock.monotonicMs()) return
    if (this.#pauseLogged !== undefined) this.#noteResume(this.#pauseLogged)
    this.#state = 'running'
    this.#failures = 0
    this.#error = undefined
    if (!worked || this.subscription.seen >= this.#head) this.#atHeadAt = this.subscription.core.environment.clock.now()
  }

  async #fail(error: unknown): Promise<void> {
    const { subscription } = this
    if (this.#closing && isTidingsError(error, 'CLOSED')) return
    if (isInstance(error, Fenced)) {
      subscription.core.log.warn('Another runtime moved the checkpoint of a subscription; it continues from there', {
        subscriber: subscription.subscriber,
        source: subscription.source,
        next: 'npx tidings status',
      })
      await subscription.load().catch(() => {})
      return
    }
    const { core, source } = subscription
    // Damage in the event log of another service is that one's; here it only pauses the subscription.
    if (source === core.service.name || source.startsWith('~')) core.damages.note(error)
    const known = summarizeError(error)
    this.#notePause(known, retryOf(error) === 'unavailable' ? 'warn' : 'error')
    this.#pause(stopsAt(known.code) ? 'stopped' : 'paused')
  }

  #sleep(): Promise<void> {
    const { clock, timeouts } = this.subscription.core.environment
    const now = clock.now()
    const due = nextRetryAt(this.subscription)
    const pausedMs = this.#pausedUntil - clock.monotonicMs()
    const pollMs = this.subscription.core.service.limits.pollMs
    const dueMs = due === undefined ? pollMs : Math.max(0, due - now)
    const delayMs = pausedMs > 0 ? pausedMs : Math.min(pollMs, dueMs)
    const slackMs = pollSlackMs(delayMs, pollMs)
    return new Promise((resolve) => {
      const look = () => {
        this.#isLook = pausedMs <= 0
        resolve()
      }
      const cancel = timeouts.after(delayMs, look, { slackMs })
      this.#wake = () => {
        // A wake-up does not end a pause, because it does not remove the cause.
        if (pausedMs > 0 && this.#pausedUntil > clock.monotonicMs() && !this.#closing) return
        cancel()
        resolve()
      }
      if (this.#closing || (this.#woken && pausedMs <= 0)) this.#wake()
    })
  }

  async #saveSeen(): Promise<void> {
    this.#unsavedPages = 0
    if (this.subscription.seen > this.subscription.checkpoint.position) {
      await this.subscription.advance(this.subscription.seen).catch(() => {
        // Those pages are read again at the next start; they hold nothing for this subscription.
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
