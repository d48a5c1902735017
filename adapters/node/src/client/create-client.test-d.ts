// The client's types: right use compiles with the right result, wrong use does not compile.

import { defineCommand, defineDecider, defineQuery, defineService, fact, type Rejection } from 'tidings'
import { z } from 'zod'
import type { CommandAnswer } from './client-shapes.ts'
import { createClient } from './create-client.ts'

const PlaceOrder = defineCommand('place-order', {
  input: z.object({ orderId: z.string() }),
  output: z.object({ number: z.number() }),
  key: (order) => order.orderId,
})
const CancelOrder = defineCommand('cancel-order', { input: z.object({ reason: z.string() }) })
const Ship = defineCommand('ship', { input: z.object({ parcelId: z.number() }), key: (parcel) => `${parcel.parcelId}` })
const Order = defineQuery('order', {
  owner: 'orders',
  input: z.object({ orderId: z.string() }),
  output: z.object({ cents: z.number() }),
})
const Parcel = defineQuery('parcel', {
  owner: 'shipping',
  input: z.object({ parcelId: z.number() }),
  output: z.object({ to: z.string() }),
})

const ordersService = defineService('orders')
const orders = ordersService.with({
  placeOrder: ordersService.command(PlaceOrder, {}, () => ({ number: 1 })),
  cancelOrder: ordersService.command(CancelOrder, {}, () => {}),
  order: ordersService.query(Order, () => ({ cents: 1 })),
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
  const shipped: CommandAnswer<typeof Ship> = await client.shipping.command(Ship, { parcelId: 1 })
  void shipped
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
  // @ts-expect-error: a query is no command
  await client.orders.command(Order, { orderId: 'o' })
  const answer = await client.orders.command(PlaceOrder, { orderId: 'o' })
  // @ts-expect-error: what came of it is not known yet
  answer.output
  const order = await client.orders.query(Order, { orderId: 'o' })
  // @ts-expect-error: it may be gone
  order.cents
}

// By contracts alone, where the service itself must not be imported.
const byContracts = createClient({
  url: 'http://127.0.0.1',
  services: { orders: { name: 'orders', commands: [PlaceOrder], queries: [Order] } },
})

export async function byContract(): Promise<void> {
  await byContracts.orders.command(PlaceOrder, { orderId: 'o' })
  // @ts-expect-error: not among the contracts
  await byContracts.orders.command(Ship, { parcelId: 1 })
}
