// Starts the subscriptions of a service: read models at once; handlers, timers and effects once the replicas are there.
// Invariant: no handler runs before each replica has reached the head that its source had when the service started.

import { TidingsError } from '../../errors/index.ts'
import { declaredSubscriber } from '../../services/index.ts'
import { createLock } from '../concurrency/lock.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { newerCodeMissing } from '../delivery/newer-code-missing.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { claimFirstPages } from '../schedule/claim-due.ts'
import type { DirectQueues } from '../schedule/direct-queues.ts'
import { handlerSubscriptions } from '../subscriptions/handler-subscriptions.ts'
import { type CurrentLoop, headReached, headReachedIfReadable } from '../subscriptions/reach-head.ts'
import { readModelSubscriptions } from '../subscriptions/read-model-subscriptions.ts'
import { releaseParked, scheduleSubscriptions } from '../subscriptions/schedule-subscriptions.ts'
import { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import { type DoesGroup, readModelGroup } from '../subscriptions/work-groups.ts'
import type { ReadModel } from '../tables/read-models.ts'

/** The subscriptions of a service. */
export interface ServiceSubscriptions {
  /** Every loop, in the order in which they were started. */
  readonly loops: readonly SubscriptionLoop[]
  /** The loops that keep a read model, by its name. */
  readonly readModelLoops: ReadonlyMap<string, readonly SubscriptionLoop[]>
}

/** How subscriptions are started. */
export interface StartOptions {
  /** The last run crashed: what it may have been handling runs isolated. */
  readonly recovering: boolean
  /** Aborts when the service closes, or its instance loses this part of the work. */
  readonly closing: AbortSignal
  /** Aborts effects that are being performed. */
  readonly aborting: AbortSignal
  /** The queues of those that take what is due directly; without it, none does. */
  readonly direct: DirectQueues | undefined
  /** Which groups are done here. */
  readonly does: DoesGroup
  /** The loops of the service, wherever they run, if some do not run here. */
  readonly elsewhere: () => readonly SubscriptionLoop[]
}

/** Starts the subscriptions of a service that are done here; resolves when they are started, not when they have caught up. */
export async function startSubscriptions(core: ServiceCore, options: StartOptions): Promise<ServiceSubscriptions> {
  const starting = new StartingSubscriptions(core, options)
  try {
    await starting.startReadModels()
    await starting.startHandlers()
    await starting.startSchedule()
    return starting
  } catch (error) {
    await Promise.all(starting.loops.map((loop) => loop.close()))
    throw error
  }
}

class StartingSubscriptions implements ServiceSubscriptions {
  readonly #core: ServiceCore
  readonly #options: StartOptions
  readonly #loops: SubscriptionLoop[] = []
  readonly #readModelLoops = new Map<string, readonly SubscriptionLoop[]>()
  /** Resolves when the replicas have reached the heads that their sources had at the start. */
  #replicasReady: Promise<void> = Promise.resolve()

  constructor(core: ServiceCore, options: StartOptions) {
    this.#core = core
    this.#options = options
  }

  get loops(): readonly SubscriptionLoop[] {
    return this.#loops
  }

  get readModelLoops(): ReadonlyMap<string, readonly SubscriptionLoop[]> {
    return this.#readModelLoops
  }

  async startReadModels(): Promise<void> {
    const { closing, does } = this.#options
    for (const readModel of this.#core.readModels) {
      if (!does(readModelGroup(readModel))) continue
      refuseIfOutdated(this.#core, readModel)
      const lock = createLock()
      const loops = readModelSubscriptions(this.#core, readModel).map(
        (subscription) => new SubscriptionLoop(subscription, lock),
      )
      this.#readModelLoops.set(readModel.name, loops)
      for (const loop of loops) {
        await loop.subscription.load()
        this.#start(loop)
        if (readModel.kind === 'replica') announceReplica(readModel, loop, () => this.#all())
      }
    }
    const replicas = this.#all().filter(({ subscription }) => subscription.kind === 'replica')
    this.#replicasReady = allOf(replicas.map((loop) => headReached(this.#current(loop), closing)))
  }

  async startHandlers(): Promise<void> {
    const { environment, service } = this.#core
    const { closing, does } = this.#options
    for (const { subscription, catchUps } of await handlerSubscriptions(this.#core, does)) {
      const live = new SubscriptionLoop(subscription)
      subscription.waitFor(catchUps.map((catchUp) => catchUp.subscription))
      const caughtUp = catchUps.map(async (catchUp) => {
        const loop = new SubscriptionLoop(catchUp.subscription)
        this.#start(loop, this.#replicasReady)
        loop.moved.listen(() => live.wake())
        while (!loop.hasReached(catchUp.until) && !closing.aborted)
          await signalOrTimeout(environment.timeouts, loop.moved, service.limits.pollMs)
      })
      this.#start(live, allOf([this.#replicasReady, ...caughtUp]))
    }
  }

  async startSchedule(): Promise<void> {
    const { closing, aborting, direct, does, recovering } = this.#options
    const ofHandlers = this.#all().filter(({ subscription }) => subscription.kind === 'handlers')
    // What was due may have ended the last run without having been moved: it is isolated like what was.
    if (recovering && direct !== undefined) await claimFirstPages(this.#core)
    for (const subscription of scheduleSubscriptions(this.#core, { closing, aborting, queues: direct, does })) {
      await subscription.load()
      await releaseParked(subscription)
      if (!this.#core.isOutdated) subscription.retryWaiting(newerCodeMissing)
      // History first: an event that is handled late may cancel a timer that has come due in the meantime.
      const { kind, subscriber } = subscription
      const before = ofHandlers.filter(
        (other) => kind === 'timers' && declaredSubscriber(other.subscription.subscriber) === subscriber,
      )
      const caughtUp = before.map((other) => headReachedIfReadable(this.#current(other), closing))
      this.#start(new SubscriptionLoop(subscription), allOf([this.#replicasReady, ...caughtUp]))
    }
  }

  #start(loop: SubscriptionLoop, ready?: Promise<void>): void {
    if (this.#options.recovering) loop.subscription.recover()
    this.#loops.push(loop)
    loop.start(ready)
  }

  #all(): readonly SubscriptionLoop[] {
    const own = new Set(this.#loops.map(({ subscription }) => subscription.key))
    return [...this.#loops, ...this.#options.elsewhere().filter(({ subscription }) => !own.has(subscription.key))]
  }

  #current(loop: SubscriptionLoop): CurrentLoop {
    const { key } = loop.subscription
    return () => this.#all().find(({ subscription }) => subscription.key === key) ?? loop
  }
}

// Newer code has given the read model another shape: this code could not read its rows.
function refuseIfOutdated({ generations, isOutdated, service }: ServiceCore, readModel: ReadModel): void {
  if (!isOutdated || generations.of(readModel).shape === readModel.shape) return
  throw new TidingsError(
    'CODE_OUTDATED',
    `This instance of ${service.name} has older code than read model ${readModel.name} was rebuilt with.`,
  )
}

/** Wakes handlers that wait for a row of a replica whenever that has moved; `others` are the loops that may wait. */
export function announceReplica(
  { name }: ReadModel,
  { moved, subscription }: SubscriptionLoop,
  others: () => readonly SubscriptionLoop[],
): void {
  const changesOf = ({ seen, handledCount }: Subscription) => `${seen} ${handledCount}`
  let announced = changesOf(subscription)
  moved.listen(() => {
    if (changesOf(subscription) === announced) return
    announced = changesOf(subscription)
    subscription.core.replicaChanged.get(name)?.fire()
    for (const other of others()) other.retryWaiting('REPLICA_ROW_MISSING')
  })
}

function allOf(promises: readonly Promise<void>[]): Promise<void> {
  return Promise.all(promises).then(() => {})
}
