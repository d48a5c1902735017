// Opens services that do not run, to inspect them: nothing is delivered, relayed or rebuilt meanwhile.
// Invariant: a store is opened only if it exists and no process has it open; others are left out.

import { existsSync } from 'node:fs'
import type { ServiceAccount } from '@tidings/http/wire'
import { nodeEnvironment } from '@tidings/node'
import { isTidingsError, type LoggedEvent, type Service } from 'tidings'
import { type DeliveryAccount, deliveriesOf } from 'tidings/operations'
import { distance } from 'tidings/ports'
import { createSystem, type ServiceRuntime, type System } from 'tidings/runtime'
import type { DeclaredSystem } from './load-system.ts'
import type { StoppedLogs } from './stopped-logs.ts'

/** Services that do not run and were opened to inspect them. */
export interface StoppedServices {
  /** The services that could be opened. */
  readonly runtimes: readonly ServiceRuntime[]
  accounts(): Promise<readonly ServiceAccount[]>
  deliveries(events: readonly LoggedEvent[]): Promise<readonly DeliveryAccount[]>
  close(): Promise<void>
}

/** Opens each of these services if it has a store and no process has the store open. */
export async function openStopped(
  { config, data }: DeclaredSystem,
  services: readonly Service[],
  logs: StoppedLogs,
): Promise<StoppedServices> {
  const known: Service[] = []
  if (existsSync(data)) for (const service of services) if (await logs.exists(service.name)) known.push(service)
  const system = await openIdle(config.engine, data, known)
  const runtimes = [...(system?.services.values() ?? [])]
  return {
    runtimes,
    accounts: () => Promise.all(runtimes.map(accountOf)),
    deliveries: async (events) => (await Promise.all(runtimes.map((each) => deliveriesOf(each, events)))).flat(),
    close: async () => system?.close(),
  }
}

async function openIdle(
  engine: DeclaredSystem['config']['engine'],
  directory: string,
  services: readonly Service[],
): Promise<System | undefined> {
  if (services.length === 0) return undefined
  const environment = nodeEnvironment({ log: { level: 'silent' } })
  try {
    return await createSystem({
      services,
      driver: engine({ directory, log: environment.log }),
      environment,
      idle: true,
    })
  } catch (error) {
    if (!isTidingsError(error, 'STORE_LOCKED')) throw error
    // This service is just starting, or hangs. The others can still be opened.
    const { service } = error.details
    const others = services.filter(({ name }) => name !== service)
    if (others.length === services.length) throw error
    return openIdle(engine, directory, others)
  }
}

// An idle subscription has not read its source, so the head of the source is read here.
async function accountOf(runtime: ServiceRuntime): Promise<ServiceAccount> {
  const { status, subscriptions, store } = runtime
  const facts = await store.readFacts({ after: '', limit: 1 })
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
