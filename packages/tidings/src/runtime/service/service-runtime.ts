// One running service: its commands and queries, its subscriptions, its relay, and the operations on them.

import type { EventRecord } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Broker, Lookups, Position, Store } from '../../ports/index.ts'
import type { DecidedFact, Decider, Log, Service } from '../../services/index.ts'
import { appendToStream } from '../commands/append-to-stream.ts'
import { type CommandResult, type HandleCommandOptions, handleCommand } from '../commands/handle-command.ts'
import { runCommand } from '../commands/run-command.ts'
import { createLock, type FairLock } from '../concurrency/lock.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import { createLookUp } from '../core/look-up.ts'
import { lastRunEndedCleanly, noteEnd, noteStart } from '../core/run-marker.ts'
import { ServiceCore } from '../core/service-core.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { LiveFanOut, type LiveReadOptions } from '../live/live-fan-out.ts'
import type { LiveReader } from '../live/live-reader.ts'
import { Relay, type RelayStatus } from '../outbox/relay-outbox.ts'
import { type AnswerQueryOptions, answerQuery } from '../queries/answer-query.ts'
import { ownReadModelsCaughtUp, readAfter } from '../queries/read-after.ts'
import { type RebuildProgress, rebuildReadModel } from '../rebuild/rebuild-read-model.ts'
import { nextDueAt } from '../schedule/claim-due.ts'
import { loadEffectsFrom } from '../schedule/first-runs.ts'
import { ScheduleLoop, type ScheduleStatus } from '../schedule/schedule-loop.ts'
import { handlerSubscriptions, keptHandlerSubscriptions } from '../subscriptions/handler-subscriptions.ts'
import { headReached, headReachedIfReadable } from '../subscriptions/reach-head.ts'
import { readModelSubscriptions } from '../subscriptions/read-model-subscriptions.ts'
import { scheduleSubscriptions } from '../subscriptions/schedule-subscriptions.ts'
import { SubscriptionLoop, type SubscriptionStatus } from '../subscriptions/subscription-loop.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { ensureSystemTables } from '../unit-of-work/system-tables.ts'

/** What a service runs on. */
export interface ServiceRuntimeOptions {
  readonly store: Store
  readonly broker: Broker
  readonly environment: Environment
  /** Carries its lookups. */
  readonly lookups: Lookups
  /** Lets one delivery run isolated at a time; shared by the services of a process. Default: its own. */
  readonly isolation?: FairLock
  /** Opens the store to look at it and operate on it: nothing is delivered, relayed or rebuilt. Default: false. */
  readonly idle?: boolean
  /** Manual mode: due timers and effects are enqueued only by `tick`, so that a clock which follows a log decides when. Default: false. */
  readonly ticked?: boolean
}

/** How a read model stands. */
export interface ReadModelStatus {
  readonly name: string
  readonly kind: 'projection' | 'replica'
  readonly mode: 'inline' | 'async'
  readonly generation: number
  readonly rebuild: RebuildProgress | undefined
}

/** How a service stands. */
export interface ServiceStatus {
  readonly service: string
  readonly epoch: string
  /** The position of the last event it published. */
  readonly eventLogHead: Position
  /** The relay's state; `undefined` where the broker reads the outbox itself. */
  readonly outbox: RelayStatus | undefined
  readonly subscriptions: readonly SubscriptionStatus[]
  readonly readModels: readonly ReadModelStatus[]
  /** Timers that are set and effects that are requested. */
  readonly schedule: ScheduleStatus
}

/** A running service. */
export class ServiceRuntime {
  readonly #core: ServiceCore
  readonly #loops: SubscriptionLoop[] = []
  readonly #readModelLoops = new Map<string, SubscriptionLoop[]>()
  readonly #rebuilds = new Map<string, RebuildProgress>()
  readonly #background = new Set<Promise<unknown>>()
  readonly #relay: Relay | undefined
  readonly #schedule: ScheduleLoop
  /** Aborts effects that are under way when the service closes. */
  readonly #abortion = new AbortController()
  readonly #live: LiveFanOut
  #commandsInFlight = 0
  #closing = false
  #idle = false
  /** Whether the last run crashed. */
  #recovering = false
  #closed: Promise<void> | undefined

  private constructor(core: ServiceCore, ticked: boolean) {
    this.#core = core
    this.#live = new LiveFanOut(core)
    this.#relay = core.broker.capabilities.relay ? new Relay(core) : undefined
    this.#schedule = new ScheduleLoop(core, ticked)
  }

  /** Opens a service and starts its subscriptions. It takes commands and queries when this resolves, whatever the broker does. */
  static async create(service: Service, options: ServiceRuntimeOptions): Promise<ServiceRuntime> {
    const { store, broker, environment, lookups } = options
    const core = new ServiceCore(service, {
      store,
      broker,
      environment,
      lookUp: createLookUp(environment, lookups),
      runCommand,
      isolation: options.isolation,
    })
    await ensureSystemTables(store)
    for (const table of Object.values(service.tables))
      await store.ensureTable({ name: table.name, indexes: table.indexes })
    await core.generations.load(store, core.readModels)
    await core.loadHeads()
    const runtime = new ServiceRuntime(core, options.ticked ?? false)
    await (options.idle === true ? runtime.#openIdle() : runtime.#start())
    return runtime
  }

  get name(): string {
    return this.#core.service.name
  }

  /** What the service is declared as. */
  get declaration(): Service {
    return this.#core.service
  }

  /** Log lines that bear the service. */
  get log(): Log {
    return this.#core.log
  }

  /** The environment it runs in. */
  get environment(): Environment {
    return this.#core.environment
  }

  /** Its store, to look at what is kept. Only the service's own functions write it. */
  get store(): Store {
    return this.#core.store
  }

  /** Handles a command. */
  async command(name: string, input: unknown, options?: HandleCommandOptions): Promise<CommandResult> {
    this.#assertOpen()
    const { commandsInFlightMax } = this.#core.service.limits
    if (this.#commandsInFlight >= commandsInFlightMax) {
      throw new TidingsError(
        'STORE_UNAVAILABLE',
        `Service ${this.name} has ${commandsInFlightMax} commands under way, its commandsInFlightMax.`,
      )
    }
    this.#commandsInFlight++
    try {
      return await handleCommand(this.#core, name, input, options)
    } finally {
      this.#commandsInFlight--
    }
  }

  /** Answers a query; `undefined` if what is asked for is gone. */
  async query(name: string, input: unknown, options: AnswerQueryOptions = {}): Promise<unknown> {
    this.#assertOpen()
    return answerQuery(this.#core, name, input, options, {
      caughtUp: (timeoutMs) => ownReadModelsCaughtUp(this.#core, this.#loops, timeoutMs),
      reached: (tokens) => readAfter(this.#core, this.#loops, tokens),
    })
  }

  /** Reads a live query: a snapshot, then every change. */
  async live(name: string, input: unknown, options: LiveReadOptions = {}): Promise<LiveReader> {
    this.#assertOpen()
    return this.#live.read(name, input, options)
  }

  /** Appends facts to a stream that must stand at the expected version; gives its new version, or throws `EXPECTED_VERSION`. */
  async append(
    decider: Decider,
    stream: string,
    facts: readonly DecidedFact[],
    options: { readonly expectedVersion: number },
  ): Promise<number> {
    this.#assertOpen()
    return appendToStream(this.#core, decider, stream, facts, options.expectedVersion)
  }

  /**
   * Puts events into the service's event log as they are, without a command or handler. For test kits that stand in for the service's past:
   * nothing is checked.
   */
  async importEvents(events: readonly EventRecord[]): Promise<void> {
    this.#assertOpen()
    await this.#core.commitDuringHold({ checks: [], rows: [], appends: [], events })
  }

  /** The running subscriptions. */
  get subscriptions(): readonly SubscriptionLoop[] {
    return this.#loops
  }

  get status(): ServiceStatus {
    return {
      service: this.name,
      epoch: this.#core.store.epoch,
      eventLogHead: this.#core.eventLogHead,
      outbox: this.#relay?.status,
      subscriptions: this.#loops.map((loop) => loop.status),
      readModels: this.#core.readModels.map((readModel) => ({
        name: readModel.name,
        kind: readModel.kind,
        mode: readModel.projection?.mode ?? 'async',
        generation: this.#core.generations.of(readModel).generation,
        rebuild: this.#rebuilds.get(readModel.name),
      })),
      schedule: this.#schedule.status,
    }
  }

  /** Whether the relay has nothing left to do, as far as was seen. */
  get relayAtRest(): boolean {
    return this.#relay?.atRest ?? true
  }

  /** Whether nothing is due that has not been moved to the subscription which handles it. */
  scheduleAtRest(): Promise<boolean> {
    return this.#schedule.atRest()
  }

  /** When the next timer or effect is due, in milliseconds since 1970; `undefined` where nothing is set. */
  nextDueAt(): Promise<number | undefined> {
    return nextDueAt(this.#core)
  }

  /**
   * Looks at the clock: moves what is due to the subscriptions that handle it, and lets them retry what is due there.
   *
   * @param countMax - the most timers and effects that are moved. Default: `batchCountMax`.
   * @returns how many were moved.
   */
  async tick(countMax = this.#core.service.limits.batchCountMax): Promise<number> {
    this.#assertOpen()
    const moved = await this.#schedule.tick(countMax)
    for (const loop of this.#loops) loop.wake()
    return moved
  }

  /** Rebuilds a read model or replica beside the live one; resolves when reads have switched to it. */
  async rebuild(name: string, onProgress?: (progress: RebuildProgress) => void): Promise<void> {
    this.#assertOpen()
    const readModel = this.#core.readModels.find((other) => other.name === name)
    if (readModel === undefined) {
      throw new TidingsError(
        'UNKNOWN_READ_MODEL',
        `Service ${this.name} has no read model ${JSON.stringify(name.slice(0, 120))}.`,
        {
          details: { readModels: this.#core.readModels.map((other) => other.name) },
        },
      )
    }
    if (this.#rebuilds.has(name))
      throw new TidingsError('REBUILD_RUNNING', `Read model ${name} of ${this.name} is being rebuilt already.`)
    this.#rebuilds.set(name, { done: 0, total: 0 })
    const work = rebuildReadModel(this.#core, readModel, {
      live: this.#readModelLoops.get(name) ?? [],
      closing: () => this.#closing,
      recovering: this.#recovering,
      onProgress: (progress) => {
        this.#rebuilds.set(name, progress)
        onProgress?.(progress)
      },
    })
    this.#background.add(work)
    try {
      if (!(await work))
        throw new TidingsError(
          'CLOSED',
          `The rebuild of ${name} was interrupted; it goes on when ${this.name} starts again.`,
        )
    } finally {
      this.#background.delete(work)
      this.#rebuilds.delete(name)
    }
  }

  /** Ends everything after what is under way, and says in the store that the run ended cleanly. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing = true
    this.#abortion.abort()
    if (!this.#idle) await this.#schedule.close()
    this.#live.close()
    await Promise.all(this.#loops.map((loop) => loop.close()))
    await Promise.allSettled(this.#background)
    await this.#relay?.close()
    if (!this.#idle) await noteEnd(this.#core)
    await this.#core.store.close()
  }

  async #start(): Promise<void> {
    const core = this.#core
    this.#recovering = !(await lastRunEndedCleanly(core))
    if (this.#recovering)
      core.log.warn('The previous run crashed; events that may have caused it are retried one at a time')
    await noteStart(core)
    await loadEffectsFrom(core)
    const { replicasReady } = await this.#startReadModels()
    await this.#startHandlers(replicasReady)
    await this.#startScheduled(replicasReady)
    this.#schedule.start()
    this.#relay?.start()
    this.#resumeRebuilds()
  }

  // `replicasReady` resolves when the replicas have reached the head that their sources have now.
  async #startReadModels(): Promise<{ readonly replicasReady: Promise<void> }> {
    const core = this.#core
    const ready: Promise<void>[] = []
    for (const readModel of core.readModels) {
      if (readModel.projection?.mode === 'inline') continue
      const lock = createLock()
      const loops = this.#liveSubscriptions(readModel).map((subscription) => new SubscriptionLoop(subscription, lock))
      this.#readModelLoops.set(readModel.name, loops)
      for (const loop of loops) {
        await loop.subscription.load()
        this.#startLoop(loop)
        if (readModel.kind === 'replica') {
          this.#announceReplica(readModel, loop)
          ready.push(headReached(loop, () => this.#closing))
        }
      }
    }
    return { replicasReady: Promise.all(ready).then(() => {}) }
  }

  async #startHandlers(replicasReady: Promise<void>): Promise<void> {
    for (const { subscription, catchUps } of await handlerSubscriptions(this.#core)) {
      const live = new SubscriptionLoop(subscription)
      subscription.stayBehind(catchUps.map((catchUp) => catchUp.subscription))
      const caughtUp = catchUps.map(async (catchUp) => {
        const loop = new SubscriptionLoop(catchUp.subscription)
        this.#startLoop(loop, replicasReady)
        loop.moved.listen(() => live.wake())
        const { environment, service } = this.#core
        while (!loop.hasReached(catchUp.until) && !this.#closing)
          await signalOrTimeout(environment.timeouts, loop.moved, service.limits.pollMs)
      })
      this.#startLoop(live, allOf(replicasReady, caughtUp))
    }
  }

  async #startScheduled(replicasReady: Promise<void>): Promise<void> {
    const heard = this.#loops.filter(({ subscription }) => subscription.kind === 'handlers')
    for (const subscription of scheduleSubscriptions(this.#core, this.#abortion.signal)) {
      await subscription.load()
      // What was heard late may cancel a timer that has come due meanwhile: history first.
      const before = heard.filter(
        (other) => subscription.kind === 'timers' && other.subscription.subscriber === subscription.subscriber,
      )
      const caughtUp = before.map((other) => headReachedIfReadable(other, () => this.#closing))
      this.#startLoop(new SubscriptionLoop(subscription), allOf(replicasReady, caughtUp))
    }
  }

  async #openIdle(): Promise<void> {
    this.#idle = true
    const core = this.#core
    const kept = core.readModels
      .filter(({ projection }) => projection?.mode !== 'inline')
      .flatMap((readModel) => this.#liveSubscriptions(readModel))
    const due = scheduleSubscriptions(core, this.#abortion.signal)
    for (const subscription of [...kept, ...due]) await subscription.load()
    const all = [...kept, ...(await keptHandlerSubscriptions(core)), ...due]
    this.#loops.push(...all.map((subscription) => new SubscriptionLoop(subscription)))
  }

  #liveSubscriptions(readModel: ReadModel): readonly Subscription[] {
    const { generations } = this.#core
    const generation = () => generations.of(readModel).generation
    return readModelSubscriptions(this.#core, readModel, readModel.subscriber, generation)
  }

  #startLoop(loop: SubscriptionLoop, ready?: Promise<void>): void {
    if (this.#recovering) loop.subscription.recover()
    this.#loops.push(loop)
    loop.start(ready)
  }

  // A rebuild that was interrupted goes on; a read model whose shape has changed is rebuilt.
  #resumeRebuilds(): void {
    for (const readModel of this.#core.readModels) {
      const state = this.#core.generations.of(readModel)
      if (state.rebuilding === undefined && state.shape === readModel.shape) continue
      this.#core.log.info('A read model is rebuilt', {
        readModel: readModel.name,
        reason: state.rebuilding === undefined ? 'its shape has changed' : 'it was interrupted',
      })
      this.rebuild(readModel.name).catch((error: unknown) => {
        if (!this.#closing)
          this.#core.log.error('A rebuild failed', { readModel: readModel.name, error: String(error) })
      })
    }
  }

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

  #assertOpen(): void {
    if (this.#closing) throw new TidingsError('CLOSED', `Service ${this.name} is closing.`)
  }
}

function allOf(first: Promise<void>, others: readonly Promise<void>[]): Promise<void> {
  return Promise.all([first, ...others]).then(() => {})
}
