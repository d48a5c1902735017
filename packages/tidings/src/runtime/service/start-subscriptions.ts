// Starts the subscriptions of a service: read models at once; handlers, timers and effects once the replicas are there.
// Invariant: no handler runs before each replica has reached the head that its source had when the service started.

import { createLock } from '../concurrency/lock.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { claimFirstPages } from '../schedule/claim-due.ts'
import type { DirectQueues } from '../schedule/direct-queues.ts'
import { handlerSubscriptions } from '../subscriptions/handler-subscriptions.ts'
import { findLeftBehind, type LeftBehind } from '../subscriptions/left-behind.ts'
import { headReached, headReachedIfReadable } from '../subscriptions/reach-head.ts'
import { readModelSubscriptions } from '../subscriptions/read-model-subscriptions.ts'
import { renameSubscribers } from '../subscriptions/rename-subscribers.ts'
import { releaseParked, scheduleSubscriptions } from '../subscriptions/schedule-subscriptions.ts'
import { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import type { ReadModel } from '../tables/read-models.ts'

/** The subscriptions of a service. */
export interface ServiceSubscriptions {
  /** Every loop, in the order in which they were started. */
  readonly loops: readonly SubscriptionLoop[]
  /** The loops that keep a read model, by its name. */
  readonly readModelLoops: ReadonlyMap<string, readonly SubscriptionLoop[]>
  /** Deferred events of subscribers that are no longer declared. */
  readonly leftBehind: readonly LeftBehind[]
}

/**
 * Starts all subscriptions of a service; resolves when they are started, not when they have caught up.
 *
 * @param recovering - the last run crashed: what it may have been handling runs isolated.
 * @param closing - aborts when the service closes.
 * @param direct - the queues of those that take what is due directly; without it, none does.
 */
export async function startSubscriptions(
  core: ServiceCore,
  recovering: boolean,
  closing: AbortSignal,
  direct: DirectQueues | undefined,
): Promise<ServiceSubscriptions> {
  const starting = new StartingSubscriptions(core, recovering, closing, direct)
  try {
    await starting.startReadModels()
    await starting.startHandlers()
    await starting.startSchedule()
    await starting.lookForLeftBehind()
    return starting
  } catch (error) {
    await Promise.all(starting.loops.map((loop) => loop.close()))
    throw error
  }
}

class StartingSubscriptions implements ServiceSubscriptions {
  readonly #core: ServiceCore
  readonly #recovering: boolean
  readonly #closing: AbortSignal
  readonly #direct: DirectQueues | undefined
  readonly #loops: SubscriptionLoop[] = []
  readonly #readModelLoops = new Map<string, readonly SubscriptionLoop[]>()
  leftBehind: readonly LeftBehind[] = []
  /** Resolves when the replicas have reached the heads that their sources had at the start. */
  #replicasReady: Promise<void> = Promise.resolve()

  constructor(core: ServiceCore, recovering: boolean, closing: AbortSignal, direct: DirectQueues | undefined) {
    this.#core = core
    this.#recovering = recovering
    this.#closing = closing
    this.#direct = direct
  }

  get loops(): readonly SubscriptionLoop[] {
    return this.#loops
  }

  get readModelLoops(): ReadonlyMap<string, readonly SubscriptionLoop[]> {
    return this.#readModelLoops
  }

  async lookForLeftBehind(): Promise<void> {
    this.leftBehind = await findLeftBehind(
      this.#core,
      this.#loops.map(({ subscription }) => subscription),
    )
  }

  async startReadModels(): Promise<void> {
    const ready: Promise<void>[] = []
    for (const readModel of this.#core.readModels) {
      const lock = createLock()
      const loops = readModelSubscriptions(this.#core, readModel).map(
        (subscription) => new SubscriptionLoop(subscription, lock),
      )
      this.#readModelLoops.set(readModel.name, loops)
      for (const loop of loops) {
        await loop.subscription.load()
        this.#start(loop)
        if (readModel.kind !== 'replica') continue
        this.#announceReplica(readModel, loop)
        ready.push(headReached(loop, this.#closing))
      }
    }
    this.#replicasReady = allOf(ready)
  }

  async startHandlers(): Promise<void> {
    const { environment, service } = this.#core
    await renameSubscribers(this.#core)
    for (const { subscription, catchUps } of await handlerSubscriptions(this.#core)) {
      const live = new SubscriptionLoop(subscription)
      subscription.waitFor(catchUps.map((catchUp) => catchUp.subscription))
      const caughtUp = catchUps.map(async (catchUp) => {
        const loop = new SubscriptionLoop(catchUp.subscription)
        this.#start(loop, this.#replicasReady)
        loop.moved.listen(() => live.wake())
        while (!loop.hasReached(catchUp.until) && !this.#closing.aborted)
          await signalOrTimeout(environment.timeouts, loop.moved, service.limits.pollMs)
      })
      this.#start(live, allOf([this.#replicasReady, ...caughtUp]))
    }
  }

  async startSchedule(): Promise<void> {
    const ofHandlers = this.#loops.filter(({ subscription }) => subscription.kind === 'handlers')
    // What was due may have ended the last run without having been moved: it is isolated like what was.
    if (this.#recovering && this.#direct !== undefined) await claimFirstPages(this.#core)
    for (const subscription of scheduleSubscriptions(this.#core, this.#closing, this.#direct)) {
      await subscription.load()
      await releaseParked(subscription)
      // History first: an event that is handled late may cancel a timer that has come due in the meantime.
      const before = ofHandlers.filter(
        (other) => subscription.kind === 'timers' && other.subscription.subscriber === subscription.subscriber,
      )
      const caughtUp = before.map((other) => headReachedIfReadable(other, this.#closing))
      this.#start(new SubscriptionLoop(subscription), allOf([this.#replicasReady, ...caughtUp]))
    }
  }

  #start(loop: SubscriptionLoop, ready?: Promise<void>): void {
    if (this.#recovering) loop.subscription.recover()
    this.#loops.push(loop)
    loop.start(ready)
  }

  // Wakes handlers that wait for a row of the replica.
  #announceReplica(readModel: ReadModel, loop: SubscriptionLoop): void {
    const { subscription } = loop
    let announced = subscription.handledCount
    loop.moved.listen(() => {
      if (subscription.handledCount === announced) return
      announced = subscription.handledCount
      this.#core.replicaChanged.get(readModel.name)?.fire()
      for (const other of this.#loops) other.retryWaiting('REPLICA_ROW_MISSING')
    })
  }
}

function allOf(promises: readonly Promise<void>[]): Promise<void> {
  return Promise.all(promises).then(() => {})
}
