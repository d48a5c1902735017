// A small shop for the adapter's tests: `orders` publishes events, `shipping` hears them and looks up orders.

import { defineCommand, defineEvent, defineQuery, defineService, defineTable, reject } from 'tidings'
import { z } from 'zod'

export const OrderPlaced = defineEvent('shop.order-placed', { owner: 'orders', pattern: 'notification' })
  .version(1, z.object({ orderId: z.string() }))
  .key((order) => order.orderId)

export const PlaceOrder = defineCommand('place-order', {
  expose: true,
  description: 'Places an order.',
  input: z.object({ orderId: z.string().min(1), cents: z.int().min(0) }),
  output: z.object({ number: z.number() }),
  key: (order) => order.orderId,
})

export const FailOrder = defineCommand('fail-order', { expose: true, input: z.object({}) })

export const Order = defineQuery('order', {
  owner: 'orders',
  expose: true,
  description: 'An order.',
  input: z.object({ orderId: z.string() }),
  output: z.object({
    cents: z.number(),
    occurredAt: z.string(),
    principal: z.string().nullable(),
    correlationId: z.string(),
  }),
})

export const Parcel = defineQuery('parcel', {
  owner: 'shipping',
  expose: true,
  input: z.object({ orderId: z.string() }),
  output: z.object({ cents: z.number() }),
})

const placed = defineTable('placed')
  .version(
    1,
    z.object({
      orderId: z.string(),
      cents: z.number(),
      occurredAt: z.string(),
      principal: z.string().nullable(),
      correlationId: z.string(),
    }),
  )
  .key((row) => row.orderId)

const parcels = defineTable('parcels')
  .version(1, z.object({ orderId: z.string(), cents: z.number() }))
  .key((row) => row.orderId)

const ordersService = defineService('orders', { publishes: [OrderPlaced], tables: { placed } })

/** The owner of orders. */
export const orders = ordersService.with({
  placeOrder: ordersService.command(PlaceOrder, { publishes: [OrderPlaced] }, async (input, context) => {
    if ((await context.tables.placed.get(input.orderId)) !== undefined)
      return reject('order-exists', `There is an order ${input.orderId} already.`, { orderId: input.orderId })
    context.tables.placed.put({
      ...input,
      occurredAt: context.occurredAt.toISOString(),
      principal: context.principal?.id ?? null,
      correlationId: context.correlationId,
    })
    context.publish(OrderPlaced, { orderId: input.orderId })
    return { number: input.orderId.length }
  }),
  failOrder: ordersService.command(FailOrder, () => {
    throw new TypeError('an internal secret')
  }),
  order: ordersService.query(Order, async ({ orderId }, { tables }) => tables.placed.get(orderId)),
})

const shippingService = defineService('shipping', { tables: { parcels } })

/** Hears of orders and looks up the rest. */
export const shipping = shippingService.with({
  packOrder: shippingService.on(OrderPlaced, { lookups: [Order] }, async ({ orderId }, { lookup, tables }) => {
    const order = await lookup(Order, { orderId })
    if (order !== undefined) tables.parcels.put({ orderId, cents: order.cents })
  }),
  parcel: shippingService.query(Parcel, async ({ orderId }, { tables }) => tables.parcels.get(orderId)),
})
