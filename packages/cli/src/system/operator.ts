// A system as an operator meets it: running services through their control endpoints, what does not run through its log.
// Invariant: a store that somebody has open is never opened here; logs are read through the driver's broker, which needs no lock.

import {
  type ControlClient,
  type ControlStatus,
  controlClients,
  type EventReference,
  type EventSearch,
  type EventsPage,
} from '@tidings/node'
import { isTidingsError, type LoggedEvent, type Service } from 'tidings'
import type { DeliveryAccount, HeldLetter, HeldSelection } from 'tidings/operations'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { type DeclaredSystem, loadSystem, serviceNamed } from './load-system.ts'
import { type FollowSearch, openLogs, type StoppedLogs } from './stopped-logs.ts'

/** A system to look into and to operate. */
export class Operator {
  readonly declared: DeclaredSystem
  readonly #clients: readonly ControlClient[]
  /** Processes that did not answer, by the names of their run files. */
  readonly unreachable = new Set<string>()
  #logs: Promise<StoppedLogs> | undefined

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

  /** The process that runs a service; refuses unknown services, and those that do not run. */
  clientOf(name: string): ControlClient {
    const service = serviceNamed(this.declared, name)
    const client = this.#clients.find(({ run }) => run.services.includes(service.name))
    if (client !== undefined) return client
    const hint = `Start it: \`tidings start ${service.name}\`, or the whole system: \`tidings dev\`.`
    throw new CommandFailure('notRunning', `Service ${service.name} is not running.`, hint)
  }

  /** The processes that run any of some services (all by default); refuses where none runs. */
  clients(service?: string): readonly ControlClient[] {
    if (service !== undefined) return [this.clientOf(service)]
    if (this.#clients.length > 0) return this.#clients
    throw new CommandFailure(
      'notRunning',
      `No service of ${this.declared.config.name} is running with its data in ${this.declared.data}.`,
      'Start the system: `tidings dev`, or one service: `tidings start <service>`.',
    )
  }

  /** How all running processes stand. */
  async status(): Promise<readonly ControlStatus[]> {
    return this.#askAll((client) => client.status())
  }

  /** Published events, newest first: of running services from themselves, of the others from their logs. */
  async events(search: EventSearch, limit: number): Promise<readonly LoggedEvent[]> {
    const { service } = search
    const asked = service === undefined ? undefined : [serviceNamed(this.declared, service).name]
    const found = await this.#askAll(
      (client) => client.events({ ...search, limit }),
      ({ run }) => asked === undefined || run.services.some((name) => asked.includes(name)),
    )
    const silent = this.stopped.filter((name) => asked === undefined || asked.includes(name))
    const read = silent.length === 0 ? [] : await (await this.#openLogs()).search(silent, search, limit)
    return [...found.flat(), ...read].sort(newestFirst).slice(0, limit)
  }

  /** The services' events behind a position, oldest first, and from where to read on. */
  async eventsAfter(service: string, after: string, search: FollowSearch): Promise<EventsPage> {
    const client = this.#answering.find(({ run }) => run.services.includes(service))
    if (client === undefined) return (await this.#openLogs()).after(service, after, search)
    try {
      return await client.eventsAfter(service, after, search)
    } catch (error) {
      if (!isTidingsError(error, 'SERVICE_UNAVAILABLE')) throw error
      // It ended while it was followed; its log is still there.
      this.unreachable.add(client.run.name)
      return (await this.#openLogs()).after(service, after, search)
    }
  }

  /** How subscribers stand to events, as far as they run. */
  async deliveries(events: readonly LoggedEvent[]): Promise<readonly DeliveryAccount[]> {
    const references = events.map(
      ({ id, source, type, key, position }): EventReference => ({ id, source, type, key, position }),
    )
    if (references.length === 0) return []
    return (await this.#askAll((client) => client.deliveries(references))).flat()
  }

  /** What is held, as far as it runs. */
  async held(selection: HeldSelection & { readonly service?: string }): Promise<readonly HeldLetter[]> {
    this.clients(selection.service)
    const { service } = selection
    return (
      await this.#askAll(
        (client) => client.held(selection),
        ({ run }) => service === undefined || run.services.includes(service),
      )
    ).flat()
  }

  /** Lets go of what was opened. */
  async close(): Promise<void> {
    await (await this.#logs)?.close()
  }

  // A process that ends or hangs while it is asked takes only its own part of the answer along.
  async #askAll<T>(
    ask: (client: ControlClient) => Promise<T>,
    meant: (client: ControlClient) => boolean = () => true,
  ): Promise<readonly T[]> {
    const answers = await Promise.all(
      this.#answering.filter(meant).map(async (client): Promise<T | undefined> => {
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
    this.#logs ??= openLogs(this.declared)
    return this.#logs
  }
}

/** Runs a command with a system to operate, and lets go of it afterwards. */
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
