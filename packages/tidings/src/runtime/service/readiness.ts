// Whether a service may get requests: its store answers, and its replicas have been filled. Invariant: what others are responsible for, such as the
// source of a replica that was filled before, or the leases of another instance, makes no service unready.

import { TidingsError } from '../../errors/index.ts'
import { type Awaitable, ending, type Position } from '../../ports/index.ts'
import { withTimeout } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'

/** Why a service is not ready: it closes · its store does not answer · a replica has not reached the head that its source had. */
export type Unready = 'closing' | 'store' | 'replicas'

/** How long the store and the source of a replica may take to answer, in milliseconds: a probe is answered within a second. */
const answerMsMax = 700

/** The most questions that are under way at once. One that is not answered counts for so long, in milliseconds. */
const underWayMax = 32
const forgottenMs = 10_000

/** How long an answer counts, in milliseconds, so that whoever asks often does not keep the store busy. */
const countsMs = 250

/** Finds out whether a service is ready. */
export class Readiness {
  readonly #core: ServiceCore
  readonly #loops: () => readonly SubscriptionLoop[]
  /** By the key of a replica's subscription: the head that its source had when it was first asked; `undefined` once that was reached. */
  readonly #heads = new Map<string, Position | undefined>()
  readonly #underWay = new Set<Promise<unknown>>()
  #asked: Promise<readonly Unready[]> | undefined

  constructor(core: ServiceCore, loops: () => readonly SubscriptionLoop[]) {
    this.#core = core
    this.#loops = loops
  }

  /** What is missing; nothing if it is ready. Asks again only if the last answer is no longer fresh. */
  check(): Promise<readonly Unready[]> {
    if (this.#asked !== undefined) return this.#asked
    const { timeouts } = this.#core.environment
    const asked = this.#ask().finally(() => {
      timeouts.after(countsMs, () => {
        this.#asked = undefined
      })
    })
    this.#asked = asked
    return asked
  }

  async #ask(): Promise<readonly Unready[]> {
    const [store, replicas] = await Promise.all([this.#storeAnswers(), this.#replicasAreFilled()])
    return [...(store ? [] : ['store' as const]), ...(replicas ? [] : ['replicas' as const])]
  }

  async #storeAnswers(): Promise<boolean> {
    const { store } = this.#core
    // A store with one writer may answer `now` by itself.
    const ask = () => (this.#core.sharesStore ? store.now() : store.readEventLog({ after: ending, limit: 1 }))
    return (await this.#inTime(ask)) !== undefined
  }

  async #replicasAreFilled(): Promise<boolean> {
    const replicas = this.#loops().filter(({ subscription }) => subscription.kind === 'replica')
    const filled = await Promise.all(replicas.map((loop) => this.#isFilled(loop)))
    return filled.every(Boolean)
  }

  async #isFilled(loop: SubscriptionLoop): Promise<boolean> {
    const { key } = loop.subscription
    const isKnown = this.#heads.has(key)
    const head = isKnown ? this.#heads.get(key) : await this.#inTime(() => loop.readHead())
    // The source cannot be read. What was filled in an earlier run serves reads, as it does when the source is away later.
    if (head === undefined) return isKnown || loop.subscription.seen !== ''
    const isFilled = loop.hasReached(head)
    this.#heads.set(key, isFilled ? undefined : head)
    return isFilled
  }

  // A question may never be answered, and another one is asked all the same: the store may be back. So no more than a few are under way at a time.
  async #inTime<T>(ask: () => Awaitable<T>): Promise<T | undefined> {
    if (this.#underWay.size >= underWayMax) return undefined
    const { timeouts } = this.#core.environment
    const late = () => new TidingsError('TIMED_OUT', `There was no answer within ${answerMsMax} ms.`)
    const asked = (async () => ask())()
    this.#underWay.add(asked)
    const ended = () => this.#underWay.delete(asked)
    asked.then(ended, ended)
    timeouts.after(forgottenMs, ended)
    return withTimeout(timeouts, answerMsMax, asked, late).catch(() => undefined)
  }
}
