// Clients of services that run in separate processes. A service is found by its run file, and looked up again if it does not answer.
import { type Client, createClient, type ServiceClient } from '@tidings/client'
import type { ControlClient, RunningProcesses } from '@tidings/node'
import { isTidingsError, type Service, TidingsError } from 'tidings'

type ClientOfOne = Client<Readonly<Record<'service', Service>>>

/** What the clients need of the running processes. */
export type Running = Pick<RunningProcesses, 'clients'>

/** The clients of running processes. */
export class ServiceClients {
  readonly #services: ReadonlyMap<string, Service>
  readonly #running: Running
  readonly #timeoutMs: number
  readonly #clients = new Map<string, Promise<ClientOfOne>>()

  /** @param timeoutMs - the longest time without an answer, in milliseconds. */
  constructor(services: readonly Service[], running: Running, timeoutMs = 30_000) {
    this.#services = new Map(services.map((service) => [service.name, service]))
    this.#running = running
    this.#timeoutMs = timeoutMs
  }

  /** Uses a service's client, of the instance at `place` if it has several. If it is unavailable, the next call looks it up again. */
  async at<T>(name: string, use: (client: ServiceClient) => Promise<T>, place = 0): Promise<T> {
    const key = `${name} ${place}`
    const found = this.#clients.get(key) ?? this.#find(name, place)
    this.#clients.set(key, found)
    try {
      return await use((await found).service)
    } catch (error) {
      // Its process is gone, or another service uses its old port now.
      const isElsewhere = isTidingsError(error, 'SERVICE_UNAVAILABLE') || isTidingsError(error, 'UNKNOWN_SERVICE')
      if (isElsewhere && this.#clients.get(key) === found) this.#clients.delete(key)
      if (!isTidingsError(error, 'UNKNOWN_SERVICE')) throw error
      throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${name} has moved to another process.`, { cause: error })
    }
  }

  async #find(name: string, place: number): Promise<ClientOfOne> {
    const service = this.#services.get(name)
    if (service === undefined) throw new TidingsError('UNKNOWN_SERVICE', `The shop has no service ${name}.`)
    const { run } = await controlOf(this.#running, name, place)
    if (run.http === null) throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${name} has no HTTP API yet.`)
    return createClient({ url: run.http, services: { service }, retryTimeoutMs: 0, timeoutMs: this.#timeoutMs })
  }

  /** Closes the connections. */
  close(): void {
    for (const found of this.#clients.values()) {
      found.then(
        (client) => client.close(),
        () => {},
      )
    }
  }
}

/** The control endpoint of a process that runs a service; throws `SERVICE_UNAVAILABLE` while there is none. If several do, `place` chooses one. */
export async function controlOf(running: Running, service: string, place = 0): Promise<ControlClient> {
  const clients = (await running.clients()).filter(({ run }) => run.services.includes(service))
  const client = clients[place % Math.max(1, clients.length)]
  if (client !== undefined) return client
  throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${service} is down.`)
}
