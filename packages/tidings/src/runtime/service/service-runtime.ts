// One running service: its doors (commands, queries), its subscriptions, its relay, and the operations on them.

import { TidingsError } from '../../errors/index.ts'
import type { Broker, Lookups, Position, Store } from '../../ports/index.ts'
import type { DecidedFact, Decider, Service } from '../../services/index.ts'
import { Agenda, type AgendaStatus, nextDueAt } from '../schedule/claim-due.ts'
import { loadEffectsFrom } from '../schedule/first-runs.ts'
import { answerQuery, type QueryOptions } from '../queries/answer-query.ts'
import { appendToStream } from '../commands/append-to-stream.ts'
import { buildAgendaLanes, buildHandlerLanes, buildReadModelLanes, readHandlerLanes } from '../subscriptions/build-subscriptions.ts'
import { type CommandOptions, type CommandResult, handleCommand } from '../commands/handle-command.ts'
import type { Host } from '../../ports/environment.ts'
import type { LaneState } from '../delivery/subscription.ts'
import { LiveHub, type LiveReadOptions } from '../live/live-fan-out.ts'
import type { LiveReader } from '../live/live-reader.ts'
import { createLock, type Turns } from '../concurrency/lock.ts'
import { createLookUp } from '../core/look-up.ts'
import { lastRunEndedCleanly, noteEnd, noteStart } from '../core/run-marker.ts'
import { reachedHeadIfItCan, reachedPresentHead } from '../subscriptions/reach-head.ts'
import { ownReadModelsCaughtUp, readAfter } from '../queries/read-after.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { type RebuildProgress, rebuildReadModel } from '../rebuild/rebuild-read-model.ts'
import { Relay, type RelayStatus } from '../outbox/relay-outbox.ts'
import { runCommand } from '../commands/run-command.ts'
import { ServiceCore } from '../core/service-core.ts'
import { Subscription, type SubscriptionStatus } from '../subscriptions/subscription-loop.ts'
import { ensureSystemTables } from '../unit-of-work/system-tables.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'

/** What a service runs on. */
export interface ServiceOptions {
  readonly store: Store
  readonly broker: Broker
  readonly host: Host
  /** Carries its lookups. */
  readonly lookups: Lookups
  /** The turns of deliveries that run alone; shared by the services of a process. Default: its own. */
  readonly turns?: Turns
  /** Opens the store to look at it and operate on it: nothing is delivered, relayed or rebuilt. Default: false. */
  readonly idle?: boolean
  /** The host ticks: what is due is moved by `tick` alone, so that a host whose clock follows a log decides when. Default: false. */
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
  readonly logHead: Position
  /** The relay's state; `undefined` where the broker reads the outbox itself. */
  readonly outbox: RelayStatus | undefined
  readonly subscriptions: readonly SubscriptionStatus[]
  readonly readModels: readonly ReadModelStatus[]
  /** Timers that are set and effects that are requested. */
  readonly agenda: AgendaStatus
}

/** A running service. */
export class ServiceRuntime {
  readonly core: ServiceCore
  readonly #subscriptions: Subscription[] = []
  readonly #readModelSubscriptions = new Map<string, Subscription[]>()
  readonly #rebuilds = new Map<string, RebuildProgress>()
  readonly #background = new Set<Promise<unknown>>()
  readonly #relay: Relay | undefined
  readonly #agenda: Agenda
  /** Aborts effects that are under way when the service closes. */
  readonly #abortion = new AbortController()
  readonly #live: LiveHub
  #commandsInFlight = 0
  #closing = false
  #idle = false
  /** Whether the last run did not end cleanly. */
  #careful = false
  #closed: Promise<void> | undefined

  private constructor(core: ServiceCore, ticked: boolean) {
    this.core = core
    this.#live = new LiveHub(core)
    this.#relay = core.broker.capabilities.relay ? new Relay(core) : undefined
    this.#agenda = new Agenda(core, ticked)
  }

  /** Opens a service and starts its subscriptions. Its doors are open when this resolves, whatever the broker does. */
  static async create(service: Service, options: ServiceOptions): Promise<ServiceRuntime> {
    const { store, broker, host, lookups } = options
    const core = new ServiceCore(service, store, broker, host, createLookUp(host, lookups), runCommand)
    if (options.turns !== undefined) core.turns = options.turns
    await ensureSystemTables(store)
    for (const table of Object.values(service.tables))
      await store.ensureTable({ name: table.name, indexes: table.indexes })
    await core.generations.load(store, core.readModels)
    core.logHead = (await store.readLog({ after: '', limit: 1 })).head
    core.factsHead = (await store.readFacts({ after: '', limit: 1 })).head
    const runtime = new ServiceRuntime(core, options.ticked ?? false)
    await (options.idle === true ? runtime.#look() : runtime.#begin())
    return runtime
  }

  get name(): string {
    return this.core.service.name
  }

  /** Handles a command at the service's door. */
  async command(name: string, input: unknown, options?: CommandOptions): Promise<CommandResult> {
    this.#assertOpen()
    const { commandsInFlightMax } = this.core.service.limits
    if (this.#commandsInFlight >= commandsInFlightMax) {
      throw new TidingsError(
        'STORE_UNAVAILABLE',
        `Service ${this.name} has ${commandsInFlightMax} commands under way, its commandsInFlightMax.`,
      )
    }
    this.#commandsInFlight++
    try {
      return await handleCommand(this.core, name, input, options)
    } finally {
      this.#commandsInFlight--
    }
  }

  /** Answers a query at the service's door; `undefined` where what is asked for is gone. */
  async query(name: string, input: unknown, options: QueryOptions = {}): Promise<unknown> {
    this.#assertOpen()
    return answerQuery(this.core, name, input, options, {
      caughtUp: (timeoutMs) => ownReadModelsCaughtUp(this.core, this.#subscriptions, timeoutMs),
      reached: (tokens) => readAfter(this.core, this.#subscriptions, tokens),
    })
  }

  /** Reads a live query at the service's door: a snapshot, then every change. */
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
    return appendToStream(this.core, decider, stream, facts, options.expectedVersion)
  }

  /** The running subscriptions. */
  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions
  }

  get status(): ServiceStatus {
    return {
      service: this.name,
      epoch: this.core.store.epoch,
      logHead: this.core.logHead,
      outbox: this.#relay?.status,
      subscriptions: this.#subscriptions.map((subscription) => subscription.status),
      readModels: this.core.readModels.map((readModel) => ({
        name: readModel.name,
        kind: readModel.kind,
        mode: readModel.projection?.mode ?? 'async',
        generation: this.core.generations.of(readModel).generation,
        rebuild: this.#rebuilds.get(readModel.name),
      })),
      agenda: this.#agenda.status,
    }
  }

  /** Whether the relay has nothing left to do, as far as was seen. */
  get relayAtRest(): boolean {
    return this.#relay?.atRest ?? true
  }

  /** Whether nothing is due that has not been moved to the lane which handles it. */
  agendaAtRest(): Promise<boolean> {
    return this.#agenda.atRest()
  }

  /** When the next timer or effect is due, in milliseconds since 1970; `undefined` where nothing is set. */
  nextDueAt(): Promise<number | undefined> {
    return nextDueAt(this.core)
  }

  /**
   * Looks at the clock: moves what is due to the lanes that handle it, and lets them try again what is due there.
   *
   * @param countMax - the most timers and effects that are moved. Default: `batchCountMax`.
   * @returns how many were moved.
   */
  async tick(countMax = this.core.service.limits.batchCountMax): Promise<number> {
    this.#assertOpen()
    const moved = await this.#agenda.tick(countMax)
    for (const subscription of this.#subscriptions) subscription.wake()
    return moved
  }

  /** Rebuilds a read model or replica beside the live one; resolves when reads have switched to it. */
  async rebuild(name: string, onProgress?: (progress: RebuildProgress) => void): Promise<void> {
    this.#assertOpen()
    const readModel = this.core.readModels.find((other) => other.name === name)
    if (readModel === undefined) {
      throw new TidingsError(
        'UNKNOWN_READ_MODEL',
        `Service ${this.name} has no read model ${JSON.stringify(name.slice(0, 120))}.`,
        {
          details: { readModels: this.core.readModels.map((other) => other.name) },
        },
      )
    }
    if (this.#rebuilds.has(name))
      throw new TidingsError('REBUILD_RUNNING', `Read model ${name} of ${this.name} is being rebuilt already.`)
    this.#rebuilds.set(name, { done: 0, total: 0 })
    const work = rebuildReadModel(this.core, readModel, {
      live: this.#readModelSubscriptions.get(name) ?? [],
      closing: () => this.#closing,
      prepare: (lane) => this.#setCareful(lane, this.#careful),
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
    if (!this.#idle) await this.#agenda.close()
    this.#live.close()
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()))
    await Promise.allSettled(this.#background)
    await this.#relay?.close()
    if (!this.#idle) await noteEnd(this.core)
    await this.core.store.close()
  }

  async #begin(): Promise<void> {
    const { core } = this
    const careful = !(await lastRunEndedCleanly(core))
    this.#careful = careful
    if (careful) core.log.warn('The last run did not end cleanly; events that may have ended it run alone first')
    await noteStart(core)
    await loadEffectsFrom(core)
    const ready: Promise<void>[] = []
    for (const readModel of core.readModels) {
      if (readModel.projection?.mode === 'inline') continue
      const lock = createLock()
      const lanes = buildReadModelLanes(
        core,
        readModel,
        readModel.subscriber,
        () => core.generations.of(readModel).generation,
      )
      const subscriptions = lanes.map((lane) => new Subscription(lane, lock))
      this.#readModelSubscriptions.set(readModel.name, subscriptions)
      for (const subscription of subscriptions) {
        await this.#load(subscription.lane, careful)
        this.#startSubscription(subscription)
        if (readModel.kind === 'replica') {
          this.#tellReplica(readModel, subscription)
          ready.push(reachedPresentHead(subscription, () => this.#closing))
        }
      }
    }
    const replicasReady = Promise.all(ready).then(() => {})
    for (const { lane, catchUps } of await buildHandlerLanes(core)) {
      const live = new Subscription(lane)
      lane.ahead = catchUps.map((catchUp) => catchUp.lane)
      const caughtUp = catchUps.map(async (catchUp) => {
        const subscription = new Subscription(catchUp.lane)
        this.#setCareful(catchUp.lane, careful)
        this.#startSubscription(subscription, replicasReady)
        subscription.moved.listen(() => live.wake())
        while (!subscription.hasReached(catchUp.until) && !this.#closing)
          await signalOrTimeout(core.host.scheduler, subscription.moved, core.service.limits.pollMs)
      })
      this.#setCareful(lane, careful)
      this.#startSubscription(
        live,
        Promise.all([replicasReady, ...caughtUp]).then(() => {}),
      )
    }
    const heard = this.#subscriptions.filter(({ lane }) => lane.kind === 'handlers')
    for (const lane of buildAgendaLanes(core, this.#abortion.signal)) {
      await this.#load(lane, careful)
      // What was heard late may cancel a timer that has come due meanwhile: history first.
      const before = heard.filter((other) => lane.kind === 'timers' && other.lane.subscriber === lane.subscriber)
      const caughtUp = before.map((other) => reachedHeadIfItCan(other, () => this.#closing))
      this.#startSubscription(
        new Subscription(lane),
        Promise.all([replicasReady, ...caughtUp]).then(() => {}),
      )
    }
    this.#agenda.start()
    this.#relay?.start()
    this.#resumeRebuilds()
  }

  async #look(): Promise<void> {
    this.#idle = true
    const { core } = this
    for (const readModel of core.readModels) {
      if (readModel.projection?.mode === 'inline') continue
      const generation = () => core.generations.of(readModel).generation
      for (const lane of buildReadModelLanes(core, readModel, readModel.subscriber, generation)) {
        await lane.load()
        this.#subscriptions.push(new Subscription(lane))
      }
    }
    for (const lane of await readHandlerLanes(core)) this.#subscriptions.push(new Subscription(lane))
    for (const lane of buildAgendaLanes(core, this.#abortion.signal)) {
      await lane.load()
      this.#subscriptions.push(new Subscription(lane))
    }
  }

  async #load(lane: LaneState, careful: boolean): Promise<void> {
    await lane.load()
    this.#setCareful(lane, careful)
  }

  #setCareful(lane: LaneState, careful: boolean): void {
    lane.careful = careful
    lane.carefulCount = careful ? lane.batchCountMax : 0
  }

  #startSubscription(subscription: Subscription, ready?: Promise<void>): void {
    this.#subscriptions.push(subscription)
    subscription.start(ready)
  }

  // A rebuild that was interrupted goes on; a read model whose shape has changed is rebuilt.
  #resumeRebuilds(): void {
    for (const readModel of this.core.readModels) {
      const state = this.core.generations.of(readModel)
      if (state.rebuilding === undefined && state.shape === readModel.shape) continue
      this.core.log.info('A read model is rebuilt', {
        readModel: readModel.name,
        reason: state.rebuilding === undefined ? 'its shape has changed' : 'it was interrupted',
      })
      this.rebuild(readModel.name).catch((error: unknown) => {
        if (!this.#closing) this.core.log.error('A rebuild failed', { readModel: readModel.name, error: String(error) })
      })
    }
  }

  #tellReplica(readModel: ReadModel, subscription: Subscription): void {
    let seen = subscription.lane.handledCount
    subscription.moved.listen(() => {
      if (subscription.lane.handledCount === seen) return
      seen = subscription.lane.handledCount
      this.core.replicaChanged.get(readModel.name)?.fire()
      for (const other of this.#subscriptions) other.retryWaiting('REPLICA_ROW_MISSING')
    })
  }

  #assertOpen(): void {
    if (this.#closing) throw new TidingsError('CLOSED', `Service ${this.name} is closing.`)
  }
}
