// Runs the whole shop in this process. Steps are sent to the services directly, as their HTTP API would call them.
import { type Config, type LoadedConfig, type StartOptions, startSystem } from '@tidings/node'
import { deferredEvents } from 'tidings/operations'
import type { EventLogPage } from 'tidings/ports'
import { resultOf } from './send-result.ts'
import type { Shop } from './shop.ts'
import { tryUntilAnswered } from './try-until-answered.ts'

const pageCount = 2_000

/** Starts the shop in this process. */
export async function startInOneProcess(config: Config | LoadedConfig, options: StartOptions): Promise<Shop> {
  const running = await startSystem(config, options)
  const { system } = running
  return {
    httpUrl: running.httpUrl,
    send: ({ service, command, input, idempotencyKey, occurredAt }, signal) => {
      const options = { idempotencyKey, occurredAt: new Date(occurredAt) }
      return resultOf(tryUntilAnswered(() => system.service(service).command(command, input, options), signal))
    },
    ask: async (query, input) => (await system.service(query.owner).query(query.name, input)) as never,
    status: async () => [...system.services.values()].map((service) => service.status),
    countEvents: async () => {
      const counts: Record<string, number> = {}
      for (const source of system.services.keys()) {
        let page: EventLogPage | undefined
        do {
          page = await system.engine.broker.read(source, { after: page?.next ?? '', limit: pageCount })
          for (const { type } of page.events) counts[type] = (counts[type] ?? 0) + 1
        } while (page.next < page.head)
      }
      return counts
    },
    countDeferred: async () => [...system.services.values()].flatMap((service) => deferredEvents(service)).length,
    settled: (timeoutMs) => running.settled({ timeoutMs }),
    close: () => running.close(),
  }
}
