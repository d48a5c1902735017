// The shop with each service in a process of its own. Steps and questions go over HTTP to each service's own door, where its process says
// that it is; how the services stand, and their histories, are asked at their control endpoints. A process that is killed is missed until
// its supervisor has started it again, and nobody else notices.
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Client,
  type ControlClient,
  createClient,
  type LoadedConfig,
  type ProcessesOptions,
  type RunningProcesses,
  type ServiceAccount,
  startProcesses,
} from '@tidings/node'
import { type CommandContract, isTidingsError, type Service, TidingsError } from 'tidings'
import { sentOf } from './sent.ts'
import type { Shop } from './shop.ts'
import { tryUntilAnswered } from './try-until-answered.ts'

const pageCount = 5_000

/** How long a process may take to say how it stands, in milliseconds. */
const patienceMs = 800

/** Starts the shop, each service in a process of its own. */
export async function startInProcesses(config: LoadedConfig, options: ProcessesOptions): Promise<Shop> {
  const running = await startProcesses(config, config.path, options)
  const doors = new Doors(config.services, running)
  const services = config.services.map(({ name }) => name)
  const commands = new Map(config.services.flatMap(commandsOf).map((command) => [command.name, command]))
  const contractOf = (name: string): CommandContract => {
    const command = commands.get(name)
    if (command === undefined) throw new TidingsError('UNKNOWN_COMMAND', `No service takes a command ${name}.`)
    return command
  }
  const atControl = <T>(service: string, ask: (client: ControlClient) => Promise<T>): Promise<T> =>
    tryUntilAnswered(async () => ask(await controlOf(running, service)))

  return {
    doorsUrl: running.doorsUrl,
    send: ({ service, command, input, idempotencyKey, occurredAt }, signal) => {
      const said = { idempotencyKey, occurredAt: new Date(occurredAt) }
      const send = (door: Door) => door.command(contractOf(command), input, said)
      return sentOf(tryUntilAnswered(() => doors.at(service, send), signal))
    },
    ask: async (query, input) =>
      (await tryUntilAnswered(() => doors.at(query.owner, (door) => door.query(query, input)))) as never,
    status: async () => {
      const asked = (await running.clients()).map((client) => inTime(client.status()))
      const found = await Promise.allSettled(asked)
      return found.flatMap((each): readonly ServiceAccount[] => {
        return each.status === 'fulfilled' ? each.value.services : []
      })
    },
    countEvents: async () => {
      const counts: Record<string, number> = {}
      for (const service of services) {
        for (let after = '', isEnd = false; !isEnd; ) {
          const page = await atControl(service, (client) => client.eventsAfter(service, after, { limit: pageCount }))
          for (const { type } of page.events) counts[type] = (counts[type] ?? 0) + 1
          after = page.next
          isEnd = page.next >= page.head
        }
      }
      return counts
    },
    countHeld: async () => {
      const held = await Promise.all(
        services.map((service) => atControl(service, (client) => client.held({ service }))),
      )
      return held.flat().length
    },
    settled: (timeoutMs) => running.settled({ timeoutMs }),
    close: async () => {
      doors.close()
      await running.close()
    },
  }
}

type DoorClient = Client<Readonly<Record<'service', Service>>>
type Door = DoorClient['service']

/** The services' own doors: found by their run files, and found again when one does not answer. */
class Doors {
  readonly #services: ReadonlyMap<string, Service>
  readonly #running: RunningProcesses
  readonly #clients = new Map<string, Promise<DoorClient>>()

  constructor(services: readonly Service[], running: RunningProcesses) {
    this.#services = new Map(services.map((service) => [service.name, service]))
    this.#running = running
  }

  async at<T>(name: string, use: (door: Door) => Promise<T>): Promise<T> {
    const found = this.#clients.get(name) ?? this.#find(name)
    this.#clients.set(name, found)
    try {
      return await use((await found).service)
    } catch (error) {
      // Its next process has another door.
      if (isTidingsError(error, 'SERVICE_UNAVAILABLE') && this.#clients.get(name) === found) this.#clients.delete(name)
      throw error
    }
  }

  async #find(name: string): Promise<DoorClient> {
    const service = this.#services.get(name)
    if (service === undefined) throw new TidingsError('UNKNOWN_SERVICE', `The shop has no service ${name}.`)
    const { run } = await controlOf(this.#running, name)
    if (run.doors === null) throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${name} has no door yet.`)
    // Whoever asks tries again, and then perhaps at another door.
    return createClient({ url: run.doors, services: { service }, retryTimeoutMs: 0 })
  }

  close(): void {
    for (const found of this.#clients.values()) {
      found.then(
        (client) => client.close(),
        () => {},
      )
    }
  }
}

// Who is too slow to say how it stands is left out, as one who is down.
async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = new AbortController()
  try {
    return await Promise.race([work, pause(patienceMs, undefined, { signal: late.signal }).then(() => tooLate())])
  } finally {
    late.abort()
  }
}

function tooLate(): never {
  throw new TidingsError('SERVICE_UNAVAILABLE', `There was no answer within ${patienceMs} ms.`)
}

async function controlOf(running: RunningProcesses, service: string): Promise<ControlClient> {
  const client = (await running.clients()).find(({ run }) => run.services.includes(service))
  if (client !== undefined) return client
  throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${service} is down.`)
}

function commandsOf({ commands, deciders }: Service): readonly CommandContract[] {
  return [
    ...commands.map(({ command }) => command),
    ...deciders.flatMap(({ decider }) => Object.values(decider.commands)),
  ]
}
