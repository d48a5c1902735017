// A process that tests overload: a service whose command takes two milliseconds of the thread, and a service that hears of it, with their HTTP API.
// It sends its URL, and a report whenever it gets a message.

import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEvent, defineService, defineTable } from 'tidings'
import { z } from 'zod'
import { defineConfig, startSystem } from '../src/index.ts'

const order = z.object({ orderId: z.string() })
const byOrder = ({ orderId }: z.infer<typeof order>) => orderId
const PlaceOrder = defineCommand('place-order', { expose: true, input: order, key: byOrder })
const Placed = defineEvent('test.placed', { owner: 'orders', pattern: 'notification' }).version(1, order).key(byOrder)
const parcels = defineTable('parcels').version(1, order).key(byOrder)

const orders = defineService('orders', { publishes: [Placed] })
const shipping = defineService('shipping', { tables: { parcels } })

/** How late each event was heard, in milliseconds. */
const lags: number[] = []

/** Takes the thread, as a command that computes does. */
function compute(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

const system = await startSystem(
  defineConfig({
    name: 'overload',
    services: [
      orders.with({
        place: orders.command(PlaceOrder, { publishes: [Placed] }, (placed, { publish }) => {
          compute(2)
          publish(Placed, placed)
        }),
      }),
      shipping.with({
        dispatch: shipping.on(Placed, (placed, { tables, event }) => {
          lags.push(Date.now() - new Date(event.recordedAt).getTime())
          tables.parcels.put(placed)
        }),
      }),
    ],
    engine: ({ directory }) => sqliteDriver({ directory, durability: 'process-crash' }),
  }),
  { data: process.argv[2] ?? '', http: { port: 0 }, log: { format: 'json' } },
)

process.on('message', () => {
  const [subscription] = system.system.service('shipping').status.subscriptions
  const refused = system.system.service('orders').status.load?.refused
  process.send?.({ refused, lags: lags.splice(0), behind: subscription?.lag, residentBytes: process.memoryUsage.rss() })
})
process.send?.({ url: system.httpUrl })
