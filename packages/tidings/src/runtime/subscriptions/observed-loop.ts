// A subscription that another instance runs, as this one sees it: it follows the checkpoint and the deferred events that are stored.
// Invariant: it delivers nothing. What it changes for an operator is fenced by the checkpoint, and the instance that runs it goes on from there.

import { isInstance } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import { createLock } from '../concurrency/lock.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { Fenced } from '../delivery/subscription-change.ts'
import { SubscriptionLoop } from './subscription-loop.ts'
import { type SubscriptionStatus, statusOf } from './subscription-status.ts'

/** While somebody waits for it, it looks at the store so often, in milliseconds, and for as long as a poll takes. */
const eagerMs = 25

/** A subscription that runs elsewhere. */
export class ObservedLoop extends SubscriptionLoop {
  readonly #holder: () => string | undefined
  #head: Position | undefined
  #atHeadAt: number
  #eagerUntil = 0
  #isEager = false
  #isClosed = false
  readonly #inTurn = createLock()

  /** @param holder - the instance that runs it now. */
  constructor(subscription: Subscription, holder: () => string | undefined) {
    super(subscription)
    this.#holder = holder
    this.#atHeadAt = subscription.core.environment.clock.now()
  }

  /** Looks at the store at once, and then again and again for a while: somebody waits for it. */
  override wake(): void {
    const { clock } = this.subscription.core.environment
    this.#eagerUntil = clock.monotonicMs() + this.subscription.core.service.limits.pollMs
    if (!this.#isEager) void this.#lookEagerly()
  }

  /** The instance that runs it hears of the row itself. */
  override retryWaiting(): void {}

  /** What nobody runs at the moment does not rest. */
  override get atRest(): boolean {
    return this.isRunning
  }

  override get isRunning(): boolean {
    return this.#holder() !== undefined
  }

  override get head(): Position {
    return this.#head ?? ''
  }

  override get status(): SubscriptionStatus {
    const loop = { state: 'elsewhere', error: undefined, head: this.head, atHeadAt: this.#atHeadAt } as const
    const status = statusOf(this.subscription, loop)
    return { ...status, holder: this.#holder(), isHeadKnown: this.#head !== undefined }
  }

  override async readHead(): Promise<Position | undefined> {
    const head = await super.readHead()
    this.#head = head
    if (head !== undefined && this.subscription.seen >= head)
      this.#atHeadAt = this.subscription.core.environment.clock.now()
    return head
  }

  /** The work of an operator; if the instance that runs the subscription commits meanwhile, the work is done again. */
  override async whileResting<T>(work: () => Promise<T>): Promise<T> {
    const { conflictRetriesMax } = this.subscription.limits
    for (let tries = 0; ; tries++) {
      await this.follow()
      try {
        return await work()
      } catch (error) {
        if (!isInstance(error, Fenced) || tries >= conflictRetriesMax) throw error
      }
    }
  }

  override async close(): Promise<void> {
    this.#isClosed = true
  }

  /** Reads what is stored, if its checkpoint has this revision there. */
  override async followTo(revision: number): Promise<void> {
    await this.#inTurn(async () => {
      if (revision <= this.subscription.revision) return
      await this.subscription.load()
      this.moved.fire()
    })
  }

  async #lookEagerly(): Promise<void> {
    const { clock, timeouts } = this.subscription.core.environment
    this.#isEager = true
    while (!this.#isClosed && clock.monotonicMs() < this.#eagerUntil) {
      await this.follow().catch(() => {})
      await new Promise<void>((resolve) => timeouts.after(eagerMs, resolve))
    }
    this.#isEager = false
  }
}
