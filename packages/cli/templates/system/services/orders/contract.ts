// The contract of `orders`: the only file of it that other services import.
import { defineCommand, defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'

/** An order as other services see it. */
export const Order = z.object({
  orderId: z.string().min(1).max(64),
  item: z.string().min(1).max(200),
  quantity: z.int().min(1).max(1_000),
  status: z.enum(['placed', 'packed']),
})

/** An order was placed or changed. Carries its whole public state. */
export const OrderChanged = defineEvent('orders.order-changed', { owner: 'orders', pattern: 'state-transfer' })
  .version(1, Order)
  .key((order) => order.orderId)

/** A customer orders something. */
export const PlaceOrder = defineCommand('place-order', {
  expose: true,
  input: Order.omit({ status: true }),
  output: Order,
  key: (order) => order.orderId,
})

/** One order. */
export const OrderById = defineQuery('order', {
  owner: 'orders',
  expose: true,
  input: z.object({ orderId: z.string() }),
  output: Order,
})
