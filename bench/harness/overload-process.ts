// The process that is overloaded: orders and shipping in one process, with the HTTP API. It sends a sample every second: how late events are
// heard, and how much memory it uses.

import { defineConfig, startSystem } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEvent, defineService, defineTable } from 'tidings'
import { z } from 'zod'
import { percentile } from './timing.ts'

/** One second of the process. */
export interface OverloadSample {
  readonly handled: number
  /** The 99th percentile of the time from the commit of an event until its handler begins, in milliseconds. */
  readonly lagP99: number
  readonly residentBytes: number
  /** The most events that the subscriber was behind. */
  readonly behind: number
}

const [folder = '', workMs = '0'] = process.argv.slice(2)
const order = z.object({ orderId: z.string(), customerId: z.string(), cents: z.int() })
const PlaceOrder = defineCommand('place-order', { expose: true, input: order, key: ({ orderId }) => orderId })
const Placed = defineEvent('bench.order-placed', { owner: 'orders', pattern: 'notification' })
  .version(1, order)
  .key(({ orderId }) => orderId)
const orderRows = defineTable('orders')
  .version(1, order)
  .key(({ orderId }) => orderId)
const parcels = defineTable('parcels')
  .version(1, order)
  .key(({ orderId }) => orderId)

const lags: number[] = []
let handled = 0

/** Work that a command does on the thread. */
function spin(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

const orders = defineService('orders', { publishes: [Placed], tables: { orders: orderRows } })
const shipping = defineService('shipping', { tables: { parcels } })
const config = defineConfig({
  name: 'overload',
  services: [
    orders.with({
      place: orders.command(PlaceOrder, { publishes: [Placed] }, (placed, { tables, publish }) => {
        spin(Number(workMs))
        tables.orders.put(placed)
        publish(Placed, placed)
      }),
    }),
    shipping.with({
      dispatch: shipping.on(Placed, (placed, { tables, event }) => {
        handled++
        lags.push(Date.now() - new Date(event.recordedAt).getTime())
        tables.parcels.put(placed)
      }),
    }),
  ],
  engine: ({ directory }) => sqliteDriver({ directory, durability: 'process-crash' }),
})

const system = await startSystem(config, {
  data: folder,
  http: { port: 0, connectionCountPerAddressMax: 1_024 },
  log: { level: 'warn' },
})
process.send?.({ url: system.httpUrl })
const sampling = setInterval(() => {
  const [subscription] = system.system.service('shipping').status.subscriptions
  const sample: OverloadSample = {
    handled,
    lagP99: lags.length === 0 ? (subscription?.stalenessMs ?? 0) : percentile(lags.splice(0), 99),
    residentBytes: process.memoryUsage.rss(),
    behind: subscription?.lag ?? 0,
  }
  process.send?.({ sample })
}, 1_000)
process.on('message', () => {
  clearInterval(sampling)
  void system.close().then(() => process.disconnect())
})
