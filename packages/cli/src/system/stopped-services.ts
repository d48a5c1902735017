// Opens services that do not run, to inspect them: nothing is delivered, relayed or rebuilt meanwhile.
// Invariant: a store is opened only if it exists and no process has it open; of others, it is said why they could not be opened.

import type { ServiceAccount } from '@tidings/http/wire'
import { nodeEnvironment } from '@tidings/node'
import type { LoggedEvent, Service } from 'tidings'
import { describeThrown } from 'tidings/errors'
import { type DeliveryAccount, deliveriesOf } from 'tidings/operations'
import { distance, ending } from 'tidings/ports'
import { createSystem, type ServiceRuntime, type System } from 'tidings/runtime'
import type { DeclaredSystem } from './load-system.ts'
import type { StoppedLogs } from './stopped-logs.ts'

/** Services that do not run and were opened to inspect them. */
export interface StoppedServices {
  /** The services that could be opened. */
  readonly runtimes: readonly ServiceRuntime[]
  /** Why the others could not. Services without a store are left out. */
  readonly unopened: readonly UnopenedService[]
  accounts(): Promise<readonly ServiceAccount[]>
  deliveries(events: readonly LoggedEvent[]): Promise<readonly DeliveryAccount[]>
  close(): Promise<void>
}

/** A service whose store could not be opened. */
export interface UnopenedService {
  readonly service: string
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** Opens each of these services if it has a store and no process has the store open. */
export async function openStopped(
  { config, data }: DeclaredSystem,
  services: readonly Service[],
  logs: StoppedLogs,
): Promise<StoppedServices> {
  const systems: System[] = []
  const unopened: UnopenedService[] = []
  // Each by itself: whatever is wrong with one store, the others can be shown.
  for (const service of services)
    try {
      if (await logs.exists(service.name)) systems.push(await openIdle(config.engine, data, service))
    } catch (error) {
      const { code, message, hint } = describeThrown(error)
      unopened.push({ service: service.name, code, message, hint })
    }
  const runtimes = systems.flatMap((system) => [...system.services.values()])
  return {
    runtimes,
    unopened,
    accounts: () => Promise.all(runtimes.map(accountOf)),
    deliveries: async (events) => (await Promise.all(runtimes.map((each) => deliveriesOf(each, events)))).flat(),
    close: async () => {
      for (const system of systems) await system.close()
    },
  }
}

async function openIdle(
  engine: DeclaredSystem['config']['engine'],
  directory: string,
  service: Service,
): Promise<System> {
  const environment = nodeEnvironment({ log: { level: 'silent' } })
  return createSystem({
    services: [service],
    driver: engine({ directory, log: environment.log }),
    environment,
    idle: true,
  })
}

// An idle subscription has not read its source, so the head of the source is read here.
async function accountOf(runtime: ServiceRuntime): Promise<ServiceAccount> {
  const { status, subscriptions, store } = runtime
  const facts = await store.readFacts({ after: ending, limit: 1 })
  const subscriptionStatus = await Promise.all(
    subscriptions.map(async (loop) => {
      const { status: each } = loop
      const head = (await loop.readHead()) ?? each.head
      return { ...each, state: 'closed' as const, head, lag: distance(each.position, head) }
    }),
  )
  const schedule = { ...status.schedule, nextDueAt: await runtime.nextDueAt() }
  return { ...status, subscriptions: subscriptionStatus, schedule, factsHead: facts.head }
}
