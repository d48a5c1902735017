// Two services, each with its own database: `orders` publishes an event for every order, and `shipping` handles it.
import { defineConfig, startSystem } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEvent, defineQuery, defineService, defineTable } from 'tidings'
import { z } from 'zod'

// The contracts are all that the services share.
const Order = z.object({ orderId: z.string(), item: z.string() })
const idOf = (order: { orderId: string }) => order.orderId
const Ordered = defineEvent('hello.ordered', { owner: 'orders', pattern: 'state-transfer' }).version(1, Order).key(idOf)
const PlaceOrder = defineCommand('place-order', { expose: true, input: Order })
const Parcel = defineQuery('parcel', { owner: 'shipping', expose: true, input: z.string(), output: Order })

const orders = defineService('orders', { publishes: [Ordered] })
const place = orders.command(PlaceOrder, { publishes: [Ordered] }, (order, { publish }) => publish(Ordered, order))

const shipping = defineService('shipping', { tables: { parcels: defineTable('parcels').version(1, Order).key(idOf) } })
const pack = shipping.on(Ordered, (order, { tables }) => tables.parcels.put(order))
const parcel = shipping.query(Parcel, (orderId, { tables }) => tables.parcels.get(orderId))

const services = [orders.with({ place }), shipping.with({ pack, parcel })]
const config = defineConfig({ name: 'hello', services, engine: sqliteDriver, data: `${import.meta.dirname}/.tidings` })
export default config // for `npx tidings`
if (import.meta.main) {
  const { system, settled, close } = await startSystem(config, { http: false })
  await system.service('orders').command('place-order', { orderId: 'order-1', item: 'tea' })
  await settled() // until `shipping` has handled the event
  console.log('parcel:', await system.service('shipping').query('parcel', 'order-1'))
  await close()
}
