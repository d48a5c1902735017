// The client's types: right use compiles with the right result, wrong use does not compile.

import {
  defineCommand,
  defineDecider,
  defineLiveQuery,
  defineQuery,
  defineService,
  defineTable,
  fact,
  type Rejection,
} from 'tidings'
import { z } from 'zod'
import type { CommandResponse } from './client-shapes.ts'
import { createClient } from './create-client.ts'

const PlaceOrder = defineCommand('place-order', {
  expose: true,
  input: z.object({ orderId: z.string() }),
  output: z.object({ number: z.number() }),
  key: (order) => order.orderId,
})
const CancelOrder = defineCommand('cancel-order', { expose: true, input: z.object({ reason: z.string() }) })
const Ship = defineCommand('ship', {
  expose: true,
  input: z.object({ parcelId: z.number() }),
  key: (parcel) => `${parcel.parcelId}`,
})
const Order = defineQuery('order', {
  owner: 'orders',
  expose: true,
  input: z.object({ orderId: z.string() }),
  output: z.object({ cents: z.number() }),
})
const Parcel = defineQuery('parcel', {
  owner: 'shipping',
  expose: true,
  input: z.object({ parcelId: z.number() }),
  output: z.object({ to: z.string() }),
})

const orderRow = z.object({ orderId: z.string(), cents: z.number() })
const OpenOrders = defineLiveQuery('open-orders', {
  owner: 'orders',
  expose: true,
  input: z.object({ of: z.string() }),
  row: orderRow,
})
const OpenParcels = defineLiveQuery('open-parcels', {
  owner: 'shipping',
  expose: true,
  input: z.object({}),
  row: orderRow,
})
const openOrders = defineTable('open-orders')
  .version(1, orderRow)
  .key(({ orderId }) => orderId)

const ordersService = defineService('orders', { tables: { openOrders } })
const orders = ordersService.with({
  placeOrder: ordersService.command(PlaceOrder, () => ({ number: 1 })),
  cancelOrder: ordersService.command(CancelOrder, () => {}),
  order: ordersService.query(Order, () => ({ cents: 1 })),
  openOrders: ordersService.live(OpenOrders, { of: 'openOrders' }),
})
const parcel = defineDecider('parcel', {
  commands: { Ship },
  facts: { shipped: fact(z.object({})) },
  initialState: () => ({}),
  decide: { Ship: (_command, _state, { facts }) => facts.shipped({}) },
  evolve: { shipped: (state) => state },
})
const shippingService = defineService('shipping')
const shipping = shippingService.with({ parcel: shippingService.decider(parcel) })

const client = createClient({ url: 'http://127.0.0.1', services: { orders, shipping } })

export async function rightUse(): Promise<void> {
  const answer = await client.orders.command(
    PlaceOrder,
    { orderId: 'o' },
    { idempotencyKey: 'k', occurredAt: new Date() },
  )
  if (answer.accepted) {
    const number: number = answer.output.number
    void number
  } else {
    const rejection: Rejection = answer.rejection
    void rejection
  }
  const order = await client.orders.query(Order, { orderId: 'o' })
  const cents: number | undefined = order?.cents
  void cents
  const shipped: CommandResponse<typeof Ship> = await client.shipping.command(Ship, { parcelId: 1 })
  void shipped
  await client.orders.query(Order, { orderId: 'o' }, { after: answer.token })
  await client.orders.query(Order, { orderId: 'o' }, { after: [answer.token, shipped.token] })
  for await (const change of client.orders.live(OpenOrders, { of: 'ada' }, { after: 'x' })) {
    if (change.kind === 'snapshot') {
      const all: readonly number[] = change.rows.map(({ row }) => row.cents)
      void all
    } else if (change.kind === 'put') void (change.row.orderId satisfies string)
    else void (change.key satisfies string)
  }
  client.close()
}

export async function wrongUse(): Promise<void> {
  // @ts-expect-error: there is no such service
  client.payments
  // @ts-expect-error: the input lacks the order's id
  await client.orders.command(PlaceOrder, {})
  // @ts-expect-error: an order's id is a string
  await client.orders.query(Order, { orderId: 7 })
  // @ts-expect-error: another service's command
  await client.orders.command(Ship, { parcelId: 1 })
  // @ts-expect-error: another service's query
  await client.orders.query(Parcel, { parcelId: 1 })
  // @ts-expect-error: a query has no idempotency key
  await client.orders.query(Order, { orderId: 'o' }, { idempotencyKey: 'k' })
  // @ts-expect-error: a command has no option after
  await client.orders.command(PlaceOrder, { orderId: 'o' }, { after: 'x' })
  // @ts-expect-error: another service's live query
  client.orders.live(OpenParcels, {})
  // @ts-expect-error: the input lacks the owner
  client.orders.live(OpenOrders, {})
  // @ts-expect-error: a query is not a live query
  client.orders.live(Order, { orderId: 'o' })
  for await (const change of client.orders.live(OpenOrders, { of: 'ada' })) {
    // @ts-expect-error: a removal has no row
    change.row
  }
  // @ts-expect-error: a query is not a command
  await client.orders.command(Order, { orderId: 'o' })
  const answer = await client.orders.command(PlaceOrder, { orderId: 'o' })
  // @ts-expect-error: it may have been rejected
  answer.output
  const order = await client.orders.query(Order, { orderId: 'o' })
  // @ts-expect-error: it may be undefined
  order.cents
}

// By contracts alone, for a client that does not import the service.
const byContracts = createClient({
  url: 'http://127.0.0.1',
  services: { orders: { name: 'orders', commands: [PlaceOrder], queries: [Order], liveQueries: [OpenOrders] } },
})

export async function byContract(): Promise<void> {
  await byContracts.orders.command(PlaceOrder, { orderId: 'o' })
  byContracts.orders.live(OpenOrders, { of: 'ada' })
  // @ts-expect-error: not among the contracts
  byContracts.orders.live(OpenParcels, {})
  // @ts-expect-error: not among the contracts
  await byContracts.orders.command(Ship, { parcelId: 1 })
}
