// What all parts of the runtime share for one service: its declarations, its store, its environment.
// Invariant: every commit of a service goes through this object, so a switch of read models can hold commits back for a moment.

import type { EventContract, TimerDefinition } from '../../contracts/index.ts'
import type { Environment } from '../../ports/environment.ts'
import {
  type Awaitable,
  type Broker,
  type CommitConflict,
  type CommitResult,
  type CommitUnit,
  ending,
  type Position,
  type Store,
} from '../../ports/index.ts'
import type { CommandDeclaration, DeciderDeclaration, Log, QueryDeclaration, Service } from '../../services/index.ts'
import { KeyLines } from '../concurrency/key-lines.ts'
import { FairLock } from '../concurrency/lock.ts'
import { Signal } from '../concurrency/signal.ts'
import { TimeLimit } from '../concurrency/time-limit.ts'
import { StreamCache } from '../streams/stream-cache.ts'
import { type BoundTable, boundTable } from '../tables/bind-tables.ts'
import { Generations, type ReadModel, readModelsOf } from '../tables/read-models.ts'
import { CommitsUnderWay, type CommitWatcher } from '../unit-of-work/commits-under-way.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Fence } from './fence.ts'
import type { LookUp } from './look-up.ts'
import { DamageNote } from './note-damage.ts'
import { RepeatedLines } from './repeated-lines.ts'
import { createLog } from './service-log.ts'
import type { StoreClock } from './store-clock.ts'
import { type BlockedRun, InProgress } from './work-in-progress.ts'

/** What the function of a command declares that it does; errors name the function by `by`. */
export interface CommandDeclares extends Pick<CommandDeclaration, 'publishes' | 'executes' | 'requests'> {
  readonly by: string
  readonly lookups: readonly []
}

/** The function that handles a command: a handler, or a decider. */
export type CommandTarget =
  | { readonly kind: 'handler'; readonly declaration: CommandDeclaration; readonly declares: CommandDeclares }
  | { readonly kind: 'decider'; readonly declaration: DeciderDeclaration; readonly property: string }

/** Runs a command within a unit of work. */
export type RunCommand = (
  core: ServiceCore,
  unit: UnitOfWork,
  name: string,
  data: unknown,
  cause: Origin,
  /** The key of the command, if it was worked out before. */
  knownKey?: string,
) => Awaitable<unknown>

/** Options of a service's core. */
export interface CoreOptions {
  readonly store: Store
  readonly broker: Broker
  readonly environment: Environment
  readonly lookUp: LookUp
  readonly runCommand: RunCommand
  /** Default: a lock of its own. */
  readonly isolation?: FairLock | undefined
  /** Default: its own. */
  readonly inProgress?: InProgress | undefined
  /** Default: none. */
  readonly blockedRun?: BlockedRun | undefined
  /** The clock of its store, if that is shared. Default: the clock of the environment. */
  readonly storeClock?: StoreClock | undefined
}

/** The shared parts of a running service. */
export class ServiceCore {
  readonly service: Service
  readonly store: Store
  /** Whether other runtimes may write its store too, so that what it remembers of the store may be out of date. */
  readonly sharesStore: boolean
  readonly broker: Broker
  /** Where the store is shared, its clock is that of the store. */
  readonly environment: Environment
  /** The clock of its store, if that is shared. */
  readonly storeClock: StoreClock | undefined
  readonly log: Log
  /** What is damaged in its store. */
  readonly damages: DamageNote
  /** For lines that may come in a storm. */
  readonly repeatedLines: RepeatedLines
  readonly lookUp: LookUp
  /** Lets one delivery run isolated at a time; shared by the services of a process. */
  readonly isolation: FairLock
  readonly runCommand: RunCommand
  /** What has begun and not ended; shared by the services of a process. */
  readonly inProgress: InProgress
  /** How the host ended the previous run, if it did. */
  readonly blockedRun: BlockedRun | undefined
  /** The previous run, once the delivery that blocked it has been blamed for that. */
  countedRun: BlockedRun | undefined
  /** Ends commands and queries that run too long. */
  readonly timeLimit: TimeLimit
  /** Lets commands of one key run one after the other. */
  readonly keyLines: KeyLines
  readonly contracts: ReadonlyMap<string, EventContract>
  readonly commands: ReadonlyMap<string, CommandTarget>
  readonly queries: ReadonlyMap<string, QueryDeclaration>
  readonly readModels: readonly ReadModel[]
  readonly generations = new Generations()
  readonly streams: StreamCache
  /** The timers that its functions set: all but those that the service sets itself. */
  readonly timersToSet: Readonly<Record<string, TimerDefinition>>
  readonly tables: Readonly<Record<string, BoundTable>>
  /** The tables with unique fields, by their names in the store. */
  readonly uniqueTables: ReadonlyMap<string, BoundTable>
  readonly readModelTables: Readonly<Record<string, BoundTable>>
  readonly replicaTables: Readonly<Record<string, BoundTable>>
  /** Fires when facts were appended. */
  readonly factsAppended = new Signal()
  /** Fires when events were published. */
  readonly eventsPublished = new Signal()
  /** Fires when timers were set or effects requested. */
  readonly scheduleChanged = new Signal()
  /** Fires when due items were moved into a queue. */
  readonly itemsDue = new Signal()
  /** For each replica, a signal that fires when it has changed. */
  readonly replicaChanged = new Map<string, Signal>()
  /** By handler or process manager: effects are requested only for events recorded from this moment on, in milliseconds since 1970. */
  readonly effectsFrom = new Map<string, number>()
  /** The commits that the store has not answered yet. */
  readonly underWay = new CommitsUnderWay()
  /** How many commands have begun and not ended. */
  commandsInFlight = 0
  /** The numbers of this code and of the newest that was started on a store which instances share; one object, whatever commits within which fence. */
  readonly code: { own: number; newest: number } = { own: 0, newest: 0 }
  /** Whether answers are left that builds before layout 2 kept under idempotency keys. */
  hasEarlierAnswers = false
  #eventLogHead: Position = ''
  #factsHead: Position = ''
  #runRevision: number | undefined
  #watcher: CommitWatcher | undefined
  #gate: Promise<void> | undefined
  #isolationNoted = false
  readonly #options: CoreOptions
  /** The core that this one shares everything with, if it has a fence. */
  #unfenced: ServiceCore = this
  #fence: Fence | undefined

  constructor(service: Service, options: CoreOptions) {
    const { store, broker, environment, lookUp, runCommand, isolation, inProgress, blockedRun, storeClock } = options
    this.#options = options
    this.service = service
    this.store = store
    this.sharesStore = store.capabilities.writers === 'many'
    this.broker = broker
    this.environment = storeClock === undefined ? environment : { ...environment, clock: storeClock }
    this.storeClock = storeClock
    this.lookUp = lookUp
    this.runCommand = runCommand
    this.isolation = isolation ?? new FairLock()
    this.inProgress = inProgress ?? new InProgress()
    this.blockedRun = blockedRun
    this.timeLimit = new TimeLimit(environment, service.limits.handlerTimeoutMs, true)
    this.keyLines = new KeyLines(service.limits.commandsInLineMax)
    this.log = createLog(environment, service.name)
    this.damages = new DamageNote(service.name, environment.clock, this.log)
    this.repeatedLines = new RepeatedLines(environment.clock, this.log)
    this.streams = new StreamCache(service.limits.streamsCachedMax)
    this.contracts = new Map(service.publishes.map((contract) => [contract.name, contract]))
    this.commands = commandTargets(service)
    this.queries = new Map(service.queries.map((declaration) => [declaration.query.name, declaration]))
    this.timersToSet = Object.fromEntries(Object.entries(service.timers).filter(([, { every }]) => every === undefined))
    this.readModels = readModelsOf(service)
    this.tables = mapValues(service.tables, (definition) => boundTable(definition, () => definition.name))
    this.uniqueTables = new Map(
      Object.values(this.tables)
        .filter(({ uniques }) => uniques.length > 0)
        .map((table) => [table.physical(), table]),
    )
    this.readModelTables = this.#bind('projection')
    this.replicaTables = this.#bind('replica')
    for (const name of Object.keys(service.replicas)) this.replicaChanged.set(name, new Signal())
  }

  /** A core that shares everything with this one, and commits only within a fence. */
  within(fence: Fence): ServiceCore {
    const core = new ServiceCore(this.service, this.#options)
    Object.assign(core, this)
    core.#unfenced = this
    core.#fence = fence
    return core
  }

  /** Whether newer code of the service was started on its store: what that has and this one does not, is not to be forgotten. */
  get isOutdated(): boolean {
    return this.code.own < this.code.newest
  }

  /** What it commits within; `undefined` if this instance does the whole work of the service. */
  get fence(): Fence | undefined {
    return this.#fence
  }

  /** The position of the last event the service has published. */
  get eventLogHead(): Position {
    return this.#unfenced.#eventLogHead
  }

  /** The position of the last fact of its streams. */
  get factsHead(): Position {
    return this.#unfenced.#factsHead
  }

  /** Reads the heads of the event log and of the facts, and whether earlier builds have left answers. */
  async loadHeads(): Promise<void> {
    this.#eventLogHead = (await this.store.readEventLog({ after: ending, limit: 1 })).head
    this.#factsHead = (await this.store.readFacts({ after: ending, limit: 1 })).head
    this.hasEarlierAnswers = (await this.store.find({ table: systemTables.commands, limit: 1 })).length > 0
  }

  /** Revision of this run's start marker; fences out older runs. `undefined` if no run was started. */
  get runRevision(): number | undefined {
    return this.#runRevision
  }

  /** Takes the revision at which this run's start marker was committed. */
  startRun(revision: number): void {
    this.#runRevision = revision
  }

  /** Logs, the first time, that what may have caused a crash is handled one at a time. */
  noteIsolation(): void {
    if (this.#unfenced.#isolationNoted) return
    this.#unfenced.#isolationNoted = true
    this.log.warn('What may have caused the end of the previous run is handled one at a time', {
      next: 'npx tidings status',
    })
  }

  /** Sets the watcher that every commit is reported to. */
  watch(watcher: CommitWatcher): void {
    this.#watcher = watcher
  }

  /** Commits a unit of work, and wakes everything that waits for its facts, events and scheduled items. */
  async commit(unit: UnitOfWork): Promise<CommitResult> {
    while (this.#unfenced.#gate !== undefined) await this.#unfenced.#gate
    const commit = this.#fenced(unit.toCommit())
    // Writes into a generation that no longer serves reads are a conflict; its tables may be deleted.
    const stale = this.generations.staleChecks(commit.checks)
    let result: CommitResult
    try {
      result = stale.length > 0 ? { committed: false, conflicts: stale } : await this.#commitAndNotify(commit)
    } catch (error) {
      this.#forgetStreams(unit)
      throw error
    }
    if (!result.committed) {
      this.#forgetStreams(unit)
      await this.#refreshInline(result.conflicts)
      return result
    }
    if (unit.writes(systemTables.schedule)) this.scheduleChanged.fire()
    if (commit.appends.length > 0)
      for (const stream of unit.appendedStreams()) this.streams.set(stream.category, stream.stream, stream)
    return result
  }

  // Evicts cached streams that may be stale, including those that were only read. A commit reported as failed may have succeeded.
  #forgetStreams(unit: UnitOfWork): void {
    for (const { category, stream } of unit.loadedStreams()) this.streams.drop(category, stream)
  }

  // An inline projection has no subscription that would reload its state. If a commit was reported as failed but changed that state, the
  // next command that writes into the projection notices it by this conflict.
  async #refreshInline(conflicts: readonly CommitConflict[]): Promise<void> {
    for (const conflict of conflicts) {
      if (conflict.kind !== 'row' || conflict.table !== systemTables.readModels) continue
      const readModel = this.readModels.find(({ subscriber }) => subscriber === conflict.key)
      if (readModel?.projection?.mode === 'inline') await this.generations.refresh(this.store, readModel)
    }
  }

  /** Commits while other commits are held back: for the switch itself. */
  async commitDuringHold(commit: CommitUnit): Promise<CommitResult> {
    return this.#commitAndNotify(this.#fenced(commit))
  }

  // Only what still holds its part commits, and the commit itself checks that.
  #fenced(commit: CommitUnit): CommitUnit {
    if (this.#fence === undefined) return commit
    this.#fence.assertHeld()
    return { ...commit, checks: [...commit.checks, this.#fence.check] }
  }

  // Without a fence there is no promise of its own: every command comes through here.
  #commitAndNotify(commit: CommitUnit): Promise<CommitResult> {
    const fence = this.#fence
    if (fence === undefined) return this.#commitNow(commit)
    return this.#commitNow(commit).then((result) => {
      if (!result.committed) fence.notice(result.conflicts)
      return result
    })
  }

  async #commitNow(commit: CommitUnit): Promise<CommitResult> {
    const era = this.underWay.begin()
    try {
      const result = await this.store.commit(commit)
      if (result.committed) this.#unfenced.#notify(commit, result)
      return result
    } catch (error) {
      this.#unfenced.#watcher?.failed(commit, error)
      // The commit may have been applied all the same: wake everything that waits for it.
      this.#fire(commit)
      if (commit.rows.some(({ table }) => table === systemTables.schedule)) this.scheduleChanged.fire()
      throw error
    } finally {
      this.underWay.end(era)
    }
  }

  #notify(commit: CommitUnit, result: Extract<CommitResult, { committed: true }>): void {
    this.#eventLogHead = result.eventLogHead
    this.#factsHead = result.factsHead
    this.#fire(commit)
    this.#watcher?.committed(commit, result.revision)
  }

  #fire(commit: CommitUnit): void {
    if (commit.appends.some(({ facts }) => facts.length > 0)) this.factsAppended.fire()
    if (commit.events.length > 0) this.eventsPublished.fire()
  }

  /** Holds back all other commits while `work` runs. */
  async whileHoldingCommits<T>(work: () => Promise<T>): Promise<T> {
    const shared = this.#unfenced
    while (shared.#gate !== undefined) await shared.#gate
    let open = () => {}
    shared.#gate = new Promise<void>((resolve) => {
      open = resolve
    })
    try {
      return await work()
    } finally {
      shared.#gate = undefined
      open()
    }
  }

  #bind(kind: ReadModel['kind']): Record<string, BoundTable> {
    const bound: Record<string, BoundTable> = {}
    for (const readModel of this.readModels) {
      if (readModel.kind !== kind) continue
      for (const [name, table] of Object.entries(readModel.tables)) {
        bound[name] = table.bound(() => this.generations.of(readModel).generation)
      }
    }
    return bound
  }
}

function commandTargets(service: Service): Map<string, CommandTarget> {
  const targets = new Map<string, CommandTarget>()
  for (const declaration of service.commands) {
    const { name } = declaration.command
    const { publishes, executes, requests } = declaration
    const declares: CommandDeclares = { by: `Command ${name}`, publishes, executes, requests, lookups: [] }
    targets.set(name, { kind: 'handler', declaration, declares })
  }
  for (const declaration of service.deciders) {
    for (const [property, command] of Object.entries(declaration.decider.commands)) {
      targets.set(command.name, { kind: 'decider', declaration, property })
    }
  }
  return targets
}

/** The record with each of its values mapped. */
export function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
