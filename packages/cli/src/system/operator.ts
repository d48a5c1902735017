// A system as the commands see it: they reach running services through control endpoints, and other services through stores and event logs.
// Invariant: a store that a process has open is never opened here. Event logs are read through the driver's broker, which needs no lock.

import type { ControlStatus, EventReference, EventSearch, EventsPage, ServiceAccount } from '@tidings/http/wire'
import {
  type BlockedNote,
  type ControlClient,
  controlClients,
  type ProcessState,
  type RunFile,
  readBlockedNote,
  stateOfProcess,
} from '@tidings/node'
import { isTidingsError, type LoggedEvent, type Service } from 'tidings'
import {
  type DeferredDelivery,
  type DeferredSelection,
  type DeliveryAccount,
  deferredEvents,
  type Redrive,
  type RedriveOptions,
  redrive,
  systemMap,
} from 'tidings/operations'
import type { ServiceRuntime } from 'tidings/runtime'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { elsewhere } from './elsewhere.ts'
import { type DeclaredSystem, loadSystem, serviceNamed } from './load-system.ts'
import { type FollowSearch, openLogs, type StoppedLogs } from './stopped-logs.ts'
import { openStopped, type StoppedServices, type UnopenedService } from './stopped-services.ts'

/** Which deferred events, of which service. */
export type Selection = DeferredSelection & { readonly service?: string }

/** A process that does not answer, and what is known of it. */
export interface SilentProcess extends Pick<RunFile, 'name' | 'pid' | 'startedAt' | 'services'> {
  /** How long its main thread has been blocked, in milliseconds, and how long it may be; absent if it is not known to be blocked. */
  readonly blockedMs?: number
  readonly blockedMsMax?: number
  /** Why it cannot answer, if the operating system says so. */
  readonly state?: ProcessState
}

/** A system to inspect and operate. */
export class Operator {
  readonly declared: DeclaredSystem
  readonly #clients: readonly ControlClient[]
  /** Names of the processes that did not answer. */
  readonly unreachable = new Set<string>()
  #logs: Promise<StoppedLogs> | undefined
  readonly #toClose: { close(): Promise<void> }[] = []
  readonly #tried = new Set<string>()
  readonly #opened = new Set<string>()
  readonly #unopened = new Map<string, UnopenedService>()

  private constructor(declared: DeclaredSystem, clients: readonly ControlClient[]) {
    this.declared = declared
    this.#clients = clients.filter(({ run }) => run.services.length > 0)
  }

  /** Finds the running processes of a system. */
  static async open(invocation: Invocation, options: SystemOptions): Promise<Operator> {
    const declared = await loadSystem(invocation, options)
    return new Operator(declared, await controlClients(declared.data))
  }

  /** The declared services. */
  get services(): readonly Service[] {
    return this.declared.config.services
  }

  /** Declared services that do not run, or whose process does not answer. */
  get stopped(): readonly string[] {
    const answering = new Set(this.#answering.flatMap(({ run }) => run.services))
    return this.services.map(({ name }) => name).filter((name) => !answering.has(name))
  }

  get #answering(): readonly ControlClient[] {
    return this.#clients.filter(({ run }) => !this.unreachable.has(run.name))
  }

  /** The process that runs a service; throws if the service is unknown or does not run. */
  clientOf(name: string): ControlClient {
    const service = serviceNamed(this.declared, name)
    const client = this.#clients.find(({ run }) => run.services.includes(service.name))
    if (client !== undefined) return client
    const start = `Start it with \`tidings start ${service.name}\`, or the whole system with \`tidings dev\`.`
    const hint = elsewhere(this.declared, service.name) ?? start
    throw new CommandFailure('notRunning', `Service ${service.name} is not running.`, hint)
  }

  /** The status of all running processes. */
  async status(): Promise<readonly ControlStatus[]> {
    return this.#askEach(this.#answering, (client) => client.status())
  }

  /** The status of services that do not run, if they have a store and no process has it open. */
  async stoppedAccounts(): Promise<readonly ServiceAccount[]> {
    const accounts = await (await this.#openStopped(this.stopped)).accounts()
    return accounts.map((account) => {
      const note = readBlockedNote(this.declared.data, account.service)
      return note?.ended === true ? { ...account, blockedRun: note } : account
    })
  }

  /** Published events, newest first: running services answer; the event logs of the others are read from the disk. */
  async events(search: EventSearch, limit: number): Promise<readonly LoggedEvent[]> {
    const { service } = search
    const asked = service === undefined ? undefined : [serviceNamed(this.declared, service).name]
    const found = await this.#askAll(
      (client) => client.events({ ...search, limit }),
      ({ run }) => asked === undefined || run.services.some((name) => asked.includes(name)),
    )
    const stopped = this.stopped.filter((name) => asked === undefined || asked.includes(name))
    const read = stopped.length === 0 ? [] : await (await this.#openLogs()).search(stopped, search, limit)
    return [...found.flat(), ...read].sort(newestFirst).slice(0, limit)
  }

  /** A service's events after a position, oldest first, and the position to continue from. */
  async eventsAfter(service: string, after: string, search: FollowSearch): Promise<EventsPage> {
    const client = this.#answering.find(({ run }) => run.services.includes(service))
    if (client === undefined) return (await this.#openLogs()).after(service, after, search)
    try {
      return await client.eventsAfter(service, after, search)
    } catch (error) {
      if (!isTidingsError(error, 'SERVICE_UNAVAILABLE')) throw error
      // It ended meanwhile; its event log is still there.
      this.unreachable.add(client.run.name)
      return (await this.#openLogs()).after(service, after, search)
    }
  }

  /** What subscribers did with events. If a service does not run, it is opened only if it hears one of their types. */
  async deliveries(events: readonly LoggedEvent[]): Promise<readonly DeliveryAccount[]> {
    if (events.length === 0) return []
    const references = events.map(
      ({ id, source, type, key, position }): EventReference => ({ id, source, type, key, position }),
    )
    const answers = await this.#askAll((client) => client.deliveries(references))
    const types = new Set(events.map(({ type }) => type))
    const { services } = systemMap(this.services)
    const hearing = services.filter(({ functions }) =>
      functions.some(({ hears }) => hears.some((type) => types.has(type))),
    )
    const stopped = hearing.map(({ name }) => name).filter((name) => this.stopped.includes(name))
    return [...answers.flat(), ...(await (await this.#openStopped(stopped)).deliveries(events))]
  }

  /** Deferred events of running and other services. */
  async deferred({ service, ...selection }: Selection): Promise<readonly DeferredDelivery[]> {
    return this.ask(
      service,
      (client) => client.deferred({ ...selection, ...(service === undefined ? {} : { service }) }),
      (runtime) => deferredEvents(runtime, selection),
    )
  }

  /** Redrives parked events, or returns what a redrive would do. Services that do not run handle theirs when they start. */
  async redrive({ service, ...selection }: Selection, options: RedriveOptions): Promise<readonly Redrive[]> {
    return this.ask(
      service,
      (client) => client.redrive({ selection, ...options, ...(service === undefined ? {} : { service }) }),
      (runtime) => redrive(runtime, selection, options),
    )
  }

  /** Asks all services, or the named one. Running services answer through their processes, the others from their opened stores. */
  async ask<T>(
    service: string | undefined,
    running: (client: ControlClient) => Promise<readonly T[]>,
    stopped: (runtime: ServiceRuntime) => readonly T[] | Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const asked =
      service === undefined ? this.services.map(({ name }) => name) : [serviceNamed(this.declared, service).name]
    const answers = await this.#askAll(running, ({ run }) => run.services.some((name) => asked.includes(name)))
    const opened = await this.#openStopped(this.stopped.filter((name) => asked.includes(name)))
    return [...answers.flat(), ...(await Promise.all(opened.runtimes.map(stopped))).flat()]
  }

  /** Services that neither answered nor could be opened, so nothing is known about them. */
  get unavailable(): readonly string[] {
    return this.stopped.filter((name) => this.#tried.has(name) && !this.#opened.has(name))
  }

  /** The processes that did not answer. */
  silent(now: number): readonly SilentProcess[] {
    return this.#clients
      .filter(({ run }) => this.unreachable.has(run.name))
      .map(({ run: { name, pid, startedAt, services } }) => {
        const notes = services.map((service) => readBlockedNote(this.declared.data, service))
        const note: BlockedNote | undefined = notes.find((each) => each?.pid === pid && !each.ended)
        const blocked =
          note === undefined ? {} : { blockedMs: Math.max(0, now - note.since), blockedMsMax: note.blockedMsMax }
        const state = stateOfProcess(pid)
        return { name, pid, startedAt, services, ...blocked, ...(state === undefined ? {} : { state }) }
      })
  }

  /** Why services of those could not be opened, if they have a store. */
  get unopened(): readonly UnopenedService[] {
    return [...this.#unopened.values()]
  }

  /** The names of stores that belong to no declared service; none if the folder cannot be read. */
  async strayStores(): Promise<readonly string[]> {
    const logs = await this.#openLogs().catch(() => undefined)
    return (await logs?.strays().catch(() => [])) ?? []
  }

  /** Closes everything that was opened. */
  async close(): Promise<void> {
    for (const opened of this.#toClose.reverse()) await opened.close()
  }

  async #openStopped(names: readonly string[]): Promise<StoppedServices> {
    const services = this.services.filter(({ name }) => names.includes(name))
    const stopped = await openStopped(this.declared, services, await this.#openLogs())
    this.#toClose.push(stopped)
    for (const name of names) this.#tried.add(name)
    for (const { name } of stopped.runtimes) this.#opened.add(name)
    for (const unopened of stopped.unopened) this.#unopened.set(unopened.service, unopened)
    return stopped
  }

  // Asks one process for each service: where instances of it run, each would answer the same. If one does not answer, others may.
  async #askAll<T>(
    ask: (client: ControlClient) => Promise<T>,
    isAsked: (client: ControlClient) => boolean = () => true,
  ): Promise<readonly T[]> {
    const answers: T[] = []
    const asked = new Set<ControlClient>()
    const covered = new Set<string>()
    for (;;) {
      const chosen = this.#answering.filter((client) => {
        const { services } = client.run
        if (asked.has(client) || !isAsked(client) || services.every((name) => covered.has(name))) return false
        for (const name of services) covered.add(name)
        return true
      })
      if (chosen.length === 0) return answers
      answers.push(...(await this.#askEach(chosen, ask)))
      for (const client of chosen) {
        asked.add(client)
        if (this.unreachable.has(client.run.name)) for (const name of client.run.services) covered.delete(name)
      }
    }
  }

  // If a process ends or hangs while it is asked, only its part of the answer is missing.
  async #askEach<T>(
    clients: readonly ControlClient[],
    ask: (client: ControlClient) => Promise<T>,
  ): Promise<readonly T[]> {
    const answers = await Promise.all(
      clients.map(async (client): Promise<T | undefined> => {
        try {
          return await ask(client)
        } catch (error) {
          if (!isTidingsError(error, 'SERVICE_UNAVAILABLE')) throw error
          this.unreachable.add(client.run.name)
          return undefined
        }
      }),
    )
    return answers.filter((answer) => answer !== undefined)
  }

  #openLogs(): Promise<StoppedLogs> {
    this.#logs ??= openLogs(this.declared).then((logs) => {
      this.#toClose.push(logs)
      return logs
    })
    return this.#logs
  }
}

/** Runs a command with a system to operate, and closes it afterwards. */
export async function operate<T>(
  invocation: Invocation,
  options: SystemOptions,
  run: (operator: Operator) => Promise<T>,
): Promise<T> {
  const operator = await Operator.open(invocation, options)
  try {
    return await run(operator)
  } finally {
    await operator.close()
  }
}

function newestFirst(a: LoggedEvent, b: LoggedEvent): number {
  return (
    b.recordedAt - a.recordedAt ||
    (a.source === b.source ? (a.position < b.position ? 1 : -1) : a.source < b.source ? -1 : 1)
  )
}
