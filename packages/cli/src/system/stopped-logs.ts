// Reads the event logs of services that do not run, through the driver's broker, which needs no lock and changes nothing.

import { statSync } from 'node:fs'
import type { EventSearch, EventsPage } from '@tidings/http/wire'
import { nodeEnvironment, strayStores } from '@tidings/node'
import type { LoggedEvent } from 'tidings'
import { type Broker, ending } from 'tidings/ports'
import type { DeclaredSystem } from './load-system.ts'

/** Which events to follow. At most `limit` events are read at once. */
export interface FollowSearch {
  readonly type?: string
  readonly key?: string
  readonly limit?: number
}

/** The event logs of services that do not run. */
export interface StoppedLogs {
  /** Events of some services; those of each service newest first. */
  search(services: readonly string[], search: EventSearch, limit: number): Promise<readonly LoggedEvent[]>
  /** A service's events after a position. */
  after(service: string, after: string, search: FollowSearch): Promise<EventsPage>
  /** Whether a service has a store. */
  exists(service: string): Promise<boolean>
  /** The names of stores that belong to no declared service. */
  strays(): Promise<readonly string[]>
  close(): Promise<void>
}

/** How many events are read at once. */
const pageCount = 5_000

const nothing: EventsPage = { events: [], next: '', head: '' }

const noLogs: StoppedLogs = {
  search: async () => [],
  after: async () => nothing,
  exists: async () => false,
  strays: async () => [],
  close: async () => {},
}

/** Opens the engine to read event logs; opens nothing if there is no data folder yet. */
export async function openLogs({ config, data }: DeclaredSystem): Promise<StoppedLogs> {
  if (isMissing(data)) return noLogs
  const environment = nodeEnvironment({ log: { level: 'silent' } })
  const engine = await config.engine({ directory: data, log: environment.log }).open(environment)
  return {
    search: async (services, search, limit) => {
      const found = await Promise.all(services.map((service) => scan(engine.broker, service, search, limit)))
      return found.flat()
    },
    after: async (service, after, { type, key, limit = pageCount }) => {
      const types = type === undefined ? {} : { types: [type] }
      const page = await engine.broker.read(service, { after, limit, ...types })
      const events = key === undefined ? page.events : page.events.filter((event) => event.key === key)
      return { events, next: page.next, head: page.head }
    },
    exists: async (service) => (await engine.broker.read(service, { after: ending, limit: 1 })).epoch !== undefined,
    strays: () => strayStores(config, engine),
    close: () => engine.close(),
  }
}

// A folder that this process may not look into is there: the engine says why it cannot be used.
function isMissing(folder: string): boolean {
  try {
    return statSync(folder, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}

async function scan(
  broker: Broker,
  service: string,
  search: EventSearch,
  limit: number,
): Promise<readonly LoggedEvent[]> {
  const types = search.type === undefined ? {} : { types: [search.type] }
  let found: LoggedEvent[] = []
  let after = ''
  for (;;) {
    const page = await broker.read(service, { after, limit: pageCount, ...types })
    found.push(...page.events.filter((event) => matches(event, search)))
    // Only the newest are needed, and a long log must not stay in memory.
    if (found.length > 2 * limit) found = found.slice(-limit)
    if (page.next === after || page.next >= page.head) break
    after = page.next
  }
  return found.slice(-limit).reverse()
}

function matches(event: LoggedEvent, { id, type, key, correlation }: EventSearch): boolean {
  return (
    (id === undefined || event.id === id) &&
    (type === undefined || event.type === type) &&
    (key === undefined || event.key === key) &&
    (correlation === undefined || event.correlationId === correlation)
  )
}
