// What the verbs of the runtime share for one service: its declarations, its store, its host.
// Every commit of a service goes through `commit`, so that a switch of read models can hold them back for a moment.

import type { EventContract } from '../../contracts/index.ts'
import type { Broker, CommitConflict, CommitResult, CommitUnit, Position, Store } from '../../ports/index.ts'
import type { CommandDeclaration, DeciderDeclaration, Log, QueryDeclaration, Service } from '../../services/index.ts'
import { type BoundTable, boundTable } from '../tables/bind-tables.ts'
import { CommitsUnderWay, type CommitWatcher } from '../unit-of-work/commits-under-way.ts'
import type { Host } from '../../ports/environment.ts'
import { Turns } from '../concurrency/lock.ts'
import { createLog } from './service-log.ts'
import type { LookUp } from './look-up.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import { Generations, type ReadModel, readModelsOf } from '../tables/read-models.ts'
import { Signal } from '../concurrency/signal.ts'
import { StreamCache } from '../streams/stream-cache.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** A command and who carries it out. */
export type CommandTarget =
  | { readonly kind: 'handler'; readonly declaration: CommandDeclaration }
  | { readonly kind: 'decider'; readonly declaration: DeciderDeclaration; readonly property: string }

/** Carries out a command within a unit of work. */
export type RunCommand = (
  core: ServiceCore,
  unit: UnitOfWork,
  name: string,
  data: unknown,
  cause: Origin,
) => Promise<unknown>

/** The shared parts of a running service. */
export class ServiceCore {
  readonly service: Service
  readonly store: Store
  readonly broker: Broker
  readonly host: Host
  readonly log: Log
  readonly lookUp: LookUp
  /** The turns of deliveries that run alone; shared by the services of a process. */
  turns = new Turns()
  readonly runCommand: RunCommand
  readonly contracts: ReadonlyMap<string, EventContract>
  readonly commands: ReadonlyMap<string, CommandTarget>
  readonly queries: ReadonlyMap<string, QueryDeclaration>
  readonly readModels: readonly ReadModel[]
  readonly generations = new Generations()
  /** Of the row that says that this run has begun; `undefined` where it says nothing. Another run that begins changes the row. */
  runRevision: number | undefined
  readonly streams: StreamCache
  readonly tables: Readonly<Record<string, BoundTable>>
  readonly readModelTables: Readonly<Record<string, BoundTable>>
  readonly replicaTables: Readonly<Record<string, BoundTable>>
  /** The position of the last event the service has published. */
  logHead: Position = ''
  /** The position of the last fact of its streams. */
  factsHead: Position = ''
  /** Fires when facts were appended. */
  readonly factsAppended = new Signal()
  /** Fires when events were published. */
  readonly eventsPublished = new Signal()
  /** Handlers and processes whose effects are requested only for what came from a moment on, in milliseconds since 1970. */
  readonly effectsFrom = new Map<string, number>()
  /** Fires when timers were set or effects requested. */
  readonly agendaChanged = new Signal()
  /** Fires when something that was due has been moved into a queue. */
  readonly itemsDue = new Signal()
  /** Fires when a replica of this name has changed. */
  readonly replicaChanged = new Map<string, Signal>()
  /** The commits that the store has not answered yet. */
  readonly underWay = new CommitsUnderWay()
  /** Told of every commit with its rows. */
  watcher: CommitWatcher | undefined
  #gate: Promise<void> | undefined

  constructor(service: Service, store: Store, broker: Broker, host: Host, lookUp: LookUp, runCommand: RunCommand) {
    this.service = service
    this.store = store
    this.broker = broker
    this.host = host
    this.lookUp = lookUp
    this.runCommand = runCommand
    this.log = createLog(host, service.name)
    this.streams = new StreamCache(service.limits.streamsCachedMax)
    this.contracts = new Map(service.publishes.map((contract) => [contract.name, contract]))
    this.commands = commandTargets(service)
    this.queries = new Map(service.queries.map((declaration) => [declaration.query.name, declaration]))
    this.readModels = readModelsOf(service)
    this.tables = mapValues(service.tables, (definition) => boundTable(definition, () => definition.name))
    this.readModelTables = this.#bind('projection')
    this.replicaTables = this.#bind('replica')
    for (const name of Object.keys(service.replicas)) this.replicaChanged.set(name, new Signal())
  }

  /** Commits a unit of work and tells who waits for its facts and events. */
  async commit(unit: UnitOfWork): Promise<CommitResult> {
    while (this.#gate !== undefined) await this.#gate
    const commit = unit.toCommit()
    // What was written into a generation that has been switched off meanwhile is a conflict; its tables may be gone.
    const stale = this.generations.staleChecks(commit.checks)
    const result: CommitResult =
      stale.length > 0
        ? { committed: false, conflicts: stale }
        : await this.#commitAndTell(commit).catch((error: unknown) => {
            this.#forgetStreams(unit)
            throw error
          })
    if (!result.committed) {
      this.#forgetStreams(unit)
      await this.#refreshInline(result.conflicts)
      return result
    }
    if (unit.writes(systemTables.agenda)) this.agendaChanged.fire()
    for (const stream of unit.appendedStreams()) this.streams.set(stream.category, stream.stream, stream)
    return result
  }

  // Those that were only read too: whatever was not as it was thought to be is loaded anew. A commit that was told as failed may have been applied.
  #forgetStreams(unit: UnitOfWork): void {
    for (const { category, stream } of unit.loadedStreams()) this.streams.drop(category, stream)
  }

  // No lane looks after an inline projection: whoever writes into it learns here that its state is another one than this runtime knows,
  // because the commit that changed it was told as failed.
  async #refreshInline(conflicts: readonly CommitConflict[]): Promise<void> {
    for (const conflict of conflicts) {
      if (conflict.kind !== 'row' || conflict.table !== systemTables.readModels) continue
      const readModel = this.readModels.find(({ subscriber }) => subscriber === conflict.key)
      if (readModel?.projection?.mode === 'inline') await this.generations.refresh(this.store, readModel)
    }
  }

  /** Commits although others are held back: for the switch itself. */
  commitThroughGate(commit: CommitUnit): Promise<CommitResult> {
    return this.#commitAndTell(commit)
  }

  #commitAndTell(commit: CommitUnit): Promise<CommitResult> {
    const ticket = this.underWay.begin()
    return this.store.commit(commit).then(
      (result) => {
        this.#tell(commit, result)
        this.underWay.end(ticket)
        return result
      },
      (error: unknown) => {
        this.watcher?.doubt(commit, error)
        // It may have been applied all the same: whoever waits for news looks, for nobody else will tell.
        this.#fire(commit)
        if (commit.rows.some(({ table }) => table === systemTables.agenda)) this.agendaChanged.fire()
        this.underWay.end(ticket)
        throw error
      },
    )
  }

  #tell(commit: CommitUnit, result: CommitResult): void {
    if (!result.committed) return
    this.logHead = result.logHead
    this.factsHead = result.factsHead
    this.#fire(commit)
    this.watcher?.committed(commit, result.revision)
  }

  #fire(commit: CommitUnit): void {
    if (commit.appends.some(({ facts }) => facts.length > 0)) this.factsAppended.fire()
    if (commit.events.length > 0) this.eventsPublished.fire()
  }

  /** Holds back all other commits while `work` runs. */
  async holdingCommits<T>(work: () => Promise<T>): Promise<T> {
    while (this.#gate !== undefined) await this.#gate
    let open = () => {}
    this.#gate = new Promise<void>((resolve) => {
      open = resolve
    })
    try {
      return await work()
    } finally {
      this.#gate = undefined
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
  for (const declaration of service.commands) targets.set(declaration.command.name, { kind: 'handler', declaration })
  for (const declaration of service.deciders) {
    for (const [property, command] of Object.entries(declaration.decider.commands)) {
      targets.set(command.name, { kind: 'decider', declaration, property })
    }
  }
  return targets
}

/** A record with every value replaced. */
export function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
