// One running service: its commands and queries, its subscriptions, its relay, and the operations on them.

import type { EventRecord } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Broker, Lookups, Store } from '../../ports/index.ts'
import type { Decider, ImportedFact, Log, Service } from '../../services/index.ts'
import { appendToStream } from '../commands/append-to-stream.ts'
import type { HandleCommandOptions } from '../commands/command-run.ts'
import { type CommandResult, handleCommand } from '../commands/handle-command.ts'
import { runCommand } from '../commands/run-command.ts'
import type { FairLock } from '../concurrency/lock.ts'
import { createLookUp } from '../core/look-up.ts'
import type { StoreDamage } from '../core/note-damage.ts'
import { reserveUniques } from '../core/reserve-uniques.ts'
import { ServiceCore } from '../core/service-core.ts'
import { StoreClock } from '../core/store-clock.ts'
import type { BlockedRun, InProgress } from '../core/work-in-progress.ts'
import type { DeferredEvent } from '../delivery/deferred-event.ts'
import { LiveFanOut, type LiveReadOptions } from '../live/live-fan-out.ts'
import type { LiveReader } from '../live/live-reader.ts'
import { renameProcesses } from '../process-managers/rename-processes.ts'
import { type AnswerQueryOptions, answerQuery } from '../queries/answer-query.ts'
import { ownReadModelsCaughtUp, readAfter } from '../queries/read-after.ts'
import type { RebuildProgress } from '../rebuild/rebuild-read-model.ts'
import { nextDueAt } from '../schedule/find-due.ts'
import { giveUpLeftBehind, type LeftBehind } from '../subscriptions/left-behind.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import { tableLayout } from '../tables/table-layout.ts'
import { ensureSystemTables } from '../unit-of-work/system-tables.ts'
import {
  acceptVersions,
  checkVersions,
  type EditedVersion,
  type EditedVersions,
  type VersionsStatus,
} from './edited-versions.ts'
import { beginLoneWork } from './lone-work.ts'
import { Readiness, type Unready } from './readiness.ts'
import type { LoadStatus, ServiceStatus } from './service-status.ts'
import { SharedWork } from './shared-work.ts'
import type { Work } from './work.ts'

/** What a service runs on. */
export interface ServiceRuntimeOptions {
  readonly store: Store
  readonly broker: Broker
  readonly environment: Environment
  /** Carries its lookups. */
  readonly lookups: Lookups
  /** Lets one delivery run isolated at a time; shared by the services of a process. Default: its own. */
  readonly isolation?: FairLock
  /** What the services of a process have in progress. Default: its own. */
  readonly inProgress?: InProgress
  /** The names that sources had before, by their names. Default: none was renamed. */
  readonly renamed?: Readonly<Record<string, string>>
  /** Opens the store to inspect and operate it: nothing is delivered, relayed or rebuilt. Default: false. */
  readonly idle?: boolean
  /** Manual mode: due timers and effects are enqueued only when you call `tick`, for a clock that follows a log. Default: false. */
  readonly ticked?: boolean
  /**
   * Compares the versions under which data are stored with what was kept of them, before anything else runs: an edit that stored data may not
   * fit is logged (`warn`), or refused with `VERSION_EDITED` (`refuse`). Default: nothing is compared.
   */
  readonly editedVersions?: EditedVersions | undefined
  /** How the host ended the previous run because it was blocked. Default: it did not. */
  readonly blockedRun?: BlockedRun | undefined
  /**
   * The name of this instance, where instances share the store: one that starts under the name of another takes its work at once. Give each instance a
   * name of its own that outlives its restarts, such as the name of its pod. Default: a new name for each start.
   */
  readonly instance?: string | undefined
}

interface Parts {
  readonly core: ServiceCore
  readonly idle: boolean
  readonly work: Work
  readonly versions: VersionsStatus | undefined
}

/** A running service. */
export class ServiceRuntime {
  readonly #core: ServiceCore
  readonly #idle: boolean
  readonly #work: Work
  #leftBehind: readonly LeftBehind[]
  readonly #live: LiveFanOut
  readonly #readiness: Readiness
  #isClosing = false
  #versions: VersionsStatus | undefined
  #refused = 0
  #closed: Promise<void> | undefined

  private constructor({ core, idle, work, versions }: Parts) {
    this.#core = core
    this.#idle = idle
    this.#work = work
    this.#leftBehind = work.leftBehind
    this.#live = new LiveFanOut(core)
    this.#readiness = new Readiness(core, () => this.subscriptions)
    this.#versions = versions
  }

  /** Opens a service and starts its subscriptions. It takes commands and queries when this resolves, whatever the broker does. */
  static async create(service: Service, options: ServiceRuntimeOptions): Promise<ServiceRuntime> {
    const { store, broker, environment, lookups, isolation, inProgress, blockedRun } = options
    const { idle = false, ticked = false } = options
    const lookUp = createLookUp(environment, lookups)
    const sharesStore = store.capabilities.writers === 'many'
    const storeClock = sharesStore ? await StoreClock.open(store, environment.clock) : undefined
    const core = new ServiceCore(service, {
      store,
      broker,
      environment,
      lookUp,
      runCommand,
      isolation,
      inProgress,
      blockedRun,
      storeClock,
    })
    await ensureSystemTables(store)
    const { editedVersions, renamed = {} } = options
    let versions: VersionsStatus | undefined
    const prepare = async (preparing: ServiceCore) => {
      for (const table of Object.values(service.tables)) await store.ensureTable(tableLayout(table.name, table))
      if (!idle) {
        await renameProcesses(preparing)
        await reserveUniques(preparing)
      }
      await core.generations.load(store, core.readModels, service.limits)
      if (!idle && editedVersions !== undefined) versions = await checkVersions(preparing, editedVersions)
    }
    let work: Work
    if (core.sharesStore && !idle) {
      const { instance = environment.ids.next() } = options
      work = await SharedWork.begin(core, { instance, ticked, renamed, prepare })
    } else {
      await prepare(core)
      await core.loadHeads()
      work = await beginLoneWork(core, { renamed, idle, ticked })
    }
    return new ServiceRuntime({ core, idle, work, versions })
  }

  get name(): string {
    return this.#core.service.name
  }

  /** The service's declaration. */
  get declaration(): Service {
    return this.#core.service
  }

  /** A log whose lines name the service. */
  get log(): Log {
    return this.#core.log
  }

  /** The environment it runs in. If its store is shared, the time of its clock is that of the store. */
  get environment(): Environment {
    return this.#core.environment
  }

  /** Its store, to look at what is kept. Only the service's own functions write it. */
  get store(): Store {
    return this.#core.store
  }

  /** Handles a command. */
  command(name: string, input: unknown, options?: HandleCommandOptions): Promise<CommandResult> {
    if (this.#isClosing) return Promise.reject(this.#closingError())
    const { commandsInFlightMax } = this.#core.service.limits
    if (this.#core.commandsInFlight < commandsInFlightMax) return handleCommand(this.#core, name, input, options)
    this.noteRefused()
    return Promise.reject(
      new TidingsError(
        'OVERLOADED',
        `Service ${this.name} already has ${commandsInFlightMax} commands in flight; that is its commandsInFlightMax.`,
      ),
    )
  }

  /** Counts a request that was refused because more came than could be handled. For a host that refuses it before the service sees it. */
  noteRefused(): void {
    this.#refused++
  }

  /** Answers a query; `undefined` if what is asked for is gone. */
  async query(name: string, input: unknown, options: AnswerQueryOptions = {}): Promise<unknown> {
    this.#assertOpen()
    const answer = answerQuery(this.#core, name, input, options, {
      caughtUp: (timeoutMs) => ownReadModelsCaughtUp(this.#core, () => this.subscriptions, timeoutMs),
      reached: (tokens) => readAfter(this.#core, () => this.subscriptions, tokens),
    })
    return this.#core.damages.watch(answer)
  }

  /** Reads a live query: a snapshot, then every change. */
  async live(name: string, input: unknown, options: LiveReadOptions = {}): Promise<LiveReader> {
    this.#assertOpen()
    return this.#live.read(name, input, options)
  }

  /**
   * Appends facts to a stream at its expected version; returns its new version. Throws `EXPECTED_VERSION` if the stream has another one.
   */
  async append(
    decider: Decider,
    stream: string,
    facts: readonly ImportedFact[],
    options: { readonly expectedVersion: number },
  ): Promise<number> {
    this.#assertOpen()
    return this.#core.damages.watch(appendToStream(this.#core, decider, stream, facts, options.expectedVersion))
  }

  /**
   * Puts events into the service's event log as they are, without a command or handler. Nothing is checked: this is for test kits, which
   * set up a service's past.
   */
  async importEvents(events: readonly EventRecord[]): Promise<void> {
    this.#assertOpen()
    await this.#core.commitDuringHold({ checks: [], rows: [], appends: [], events })
  }

  /** Accepts all edits of versions under which data are stored; returns them. */
  async acceptVersions(): Promise<readonly EditedVersion[]> {
    this.#assertOpen()
    const { edited, ...checked } = await acceptVersions(this.#core)
    this.#versions = { ...checked, edited: [] }
    return edited
  }

  /** The running subscriptions. */
  get subscriptions(): readonly SubscriptionLoop[] {
    return this.#work.loops
  }

  /** Deferred events of subscribers that are no longer declared. */
  get leftBehind(): readonly LeftBehind[] {
    return this.#leftBehind
  }

  /** Gives up some of them: an operator has decided that nobody is to handle them. */
  async giveUpLeftBehind(isChosen: (left: LeftBehind, event: DeferredEvent) => boolean): Promise<void> {
    this.#leftBehind = await giveUpLeftBehind(this.#core, this.#leftBehind, isChosen)
  }

  /** Resolves when it meets damaged data in its store for the first time: from then on it is not healthy. */
  get damaged(): Promise<StoreDamage> {
    return this.#core.damages.met
  }

  /**
   * Why it should get no requests now; nothing if it is ready: its store answers, and each replica has reached the head that its source had when that was
   * first asked. An instance that has no lease is ready. Resolves within a second.
   */
  async unready(): Promise<readonly Unready[]> {
    return this.#isClosing ? ['closing'] : this.#readiness.check()
  }

  get status(): ServiceStatus {
    return {
      service: this.name,
      epoch: this.#core.store.epoch,
      eventLogHead: this.#core.eventLogHead,
      outbox: this.#work.relayStatus,
      instance: this.#work.instance,
      subscriptions: this.subscriptions.map((loop) => loop.status),
      readModels: this.#core.readModels.map((readModel) => ({
        name: readModel.name,
        kind: readModel.kind,
        mode: readModel.projection?.mode ?? 'async',
        generation: this.#core.generations.of(readModel).generation,
        rebuild: this.#work.rebuildOf(readModel.name),
      })),
      schedule: this.#work.schedule.status,
      blockedRun: this.#core.blockedRun,
      ...(this.#idle ? {} : { load: this.#load }),
      versions: this.#versions,
      damage: this.#core.damages.damage,
    }
  }

  get #load(): LoadStatus {
    const commandsInLine = this.#core.keyLines.waitingCount
    return { commands: this.#core.commandsInFlight, commandsInLine, refused: this.#refused }
  }

  /** Whether the relay has nothing left to send, according to its last pass. */
  relayAtRest(): Promise<boolean> {
    return this.#work.relayAtRest()
  }

  /** Whether nothing is due that has not been moved to the subscription that handles it. */
  scheduleAtRest(): Promise<boolean> {
    return this.#work.schedule.atRest()
  }

  /** When the next timer or effect is due, in milliseconds since 1970; `undefined` if nothing is set. */
  nextDueAt(): Promise<number | undefined> {
    return nextDueAt(this.#core)
  }

  /**
   * Looks at the clock: moves what is due to the subscriptions that handle it, and wakes them to retry what is due there.
   *
   * @param countMax - the most timers and effects that are moved. Default: `batchCountMax`.
   * @returns how many were moved.
   */
  async tick(countMax = this.#core.service.limits.batchCountMax): Promise<number> {
    this.#assertOpen()
    const moved = await this.#work.schedule.tick(countMax)
    for (const loop of this.subscriptions) loop.wake()
    return moved
  }

  /** Rebuilds a read model or replica beside the live one; resolves when reads have switched to it. */
  async rebuild(name: string, onProgress?: (progress: RebuildProgress) => void): Promise<void> {
    this.#assertOpen()
    await this.#work.rebuild(name, onProgress)
  }

  /** Ends everything once work in progress is done, and records in the store that the run ended cleanly. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#isClosing = true
    this.#live.close()
    await this.#work.end()
    await this.#core.store.close()
  }

  #assertOpen(): void {
    if (this.#isClosing) throw this.#closingError()
  }

  #closingError(): TidingsError {
    return new TidingsError('CLOSED', `Service ${this.name} is closing.`)
  }
}
