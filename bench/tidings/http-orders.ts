// The publishing service in Tidings behind its HTTP API.

import { defineConfig, startSystem } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import type { Place } from '../work.ts'
import { orders } from './pipeline.ts'

/** Opens the service and its HTTP API. */
export async function openHttpOrders({ folder, durability }: Place) {
  const config = defineConfig({
    name: 'bench',
    services: [orders()],
    engine: ({ directory, log }) => sqliteDriver({ directory, durability, log }),
  })
  const running = await startSystem(config, { data: folder, http: { port: 0 }, log: { level: 'warn' } })
  return { url: running.httpUrl ?? '', path: '/orders/commands/place-order', close: () => running.close() }
}
