// Runs the shop in several processes: each service in its own, or in several, or the whole shop in each. Steps and queries go to each process over HTTP, at the address in its run file; status
// and histories come from the control endpoints. While a killed process is restarted, requests to it are retried; the others are unaffected.
import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceClient } from '@tidings/client'
import {
  type ControlClient,
  type LoadedConfig,
  mergeAccounts,
  type ProcessesOptions,
  startProcesses,
} from '@tidings/node'
import { type CommandContract, type QueryContract, TidingsError } from 'tidings'
import { commandsOf } from 'tidings/operations'
import { resultOf } from './send-result.ts'
import { controlOf, ServiceClients } from './service-clients.ts'
import type { Shop } from './shop.ts'
import { tryUntilAnswered } from './try-until-answered.ts'

const pageCount = 5_000

/** How long a process may take to return its status, in milliseconds. */
const statusTimeoutMs = 800

/** Starts the shop in processes. */
export async function startInProcesses(config: LoadedConfig, options: ProcessesOptions): Promise<Shop> {
  const { instances = 1 } = options
  const running = await startProcesses(config, config.path, options)
  const clients = new ServiceClients(config.services, running)
  const services = config.services.map(({ name }) => name)
  const commands = new Map(config.services.flatMap(commandsOf).map((command) => [command.name, command]))
  const contractOf = (name: string): CommandContract => {
    const command = commands.get(name)
    if (command === undefined) throw new TidingsError('UNKNOWN_COMMAND', `No service has a command ${name}.`)
    return command
  }
  const atControl = <T>(service: string, ask: (client: ControlClient) => Promise<T>): Promise<T> =>
    tryUntilAnswered(async () => ask(await controlOf(running, service)))

  return {
    httpUrl: running.httpUrl,
    send: ({ service, sequence, command, input, idempotencyKey, occurredAt }, signal) => {
      const options = { idempotencyKey, occurredAt: new Date(occurredAt) }
      const send = (client: ServiceClient) => client.command(contractOf(command), input, options)
      return resultOf(tryUntilAnswered(() => clients.at(service, send, placeOf(sequence, instances)), signal))
    },
    ask: async (query, input) =>
      (await tryUntilAnswered(() =>
        clients.at(query.owner, (client) => client.query<QueryContract>(query, input)),
      )) as never,
    status: async () => {
      const asked = (await running.clients()).map((client) => inTime(client.status()))
      const found = await Promise.allSettled(asked)
      return mergeAccounts(found.flatMap((each) => (each.status === 'fulfilled' ? each.value.services : [])))
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
    countDeferred: async () => {
      const deferred = await Promise.all(
        services.map((service) => atControl(service, (client) => client.deferred({ service }))),
      )
      return deferred.flat().length
    },
    settled: (timeoutMs) => running.settled({ timeoutMs }),
    close: async () => {
      clients.close()
      await running.close()
    },
  }
}

/** One instance gets all steps of a sequence, so that those of one key do not conflict. */
function placeOf(sequence: string, instances: number): number {
  return [...sequence].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % instances
}

// A process that is too slow to return its status is left out, like one that is down.
async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = new AbortController()
  try {
    return await Promise.race([work, pause(statusTimeoutMs, undefined, { signal: late.signal }).then(() => tooLate())])
  } finally {
    late.abort()
  }
}

function tooLate(): never {
  throw new TidingsError('SERVICE_UNAVAILABLE', `There was no answer within ${statusTimeoutMs} ms.`)
}
