// What others may know of `orders`: the public facts of each order's history, in the order they were recorded.
// What happens to an order is kept as it was reported, in whatever order: a hand-over before the approval is a fact too.
import { defineCommand, defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Cents, Id, Moment } from '../words.ts'

/** Every status an order can have, in the words of the data. */
export const OrderStatus = z.enum([
  'created',
  'approved',
  'invoiced',
  'processing',
  'shipped',
  'delivered',
  'canceled',
  'unavailable',
])

/** The type of an order's status. */
export type OrderStatus = z.infer<typeof OrderStatus>

/** One item of an order. */
export const OrderItem = z.object({
  /** 1 for the first item. */
  itemNumber: z.int().positive(),
  productId: Id,
  sellerId: Id,
  priceCents: Cents,
  freightCents: Cents,
  /** When the seller has to hand it over to the carrier at the latest. */
  shipBy: Moment,
})

const Placed = z.object({
  orderId: Id,
  customerId: Id,
  estimatedDeliveryAt: Moment,
  /** May be empty: some orders end before anything was set aside for them. */
  items: z.array(OrderItem).max(500),
})

const OfOrder = z.object({ orderId: Id })

/** What every event of an order says: where the order stands after it. */
const Standing = z.object({ orderId: Id, status: OrderStatus })
const owner = { owner: 'orders', pattern: 'event-sourcing' } as const

/** A customer placed an order; it occurred when they bought. */
export const OrderPlaced = defineEvent('shop.order-placed', owner)
  .version(1, Placed.extend({ status: OrderStatus }))
  .key((order) => order.orderId)

/** The payment of an order was approved. */
export const OrderApproved = defineEvent('shop.order-approved', owner)
  .version(1, Standing)
  .key((order) => order.orderId)

/** The order was handed over to the carrier. */
export const OrderHandedOver = defineEvent('shop.order-handed-over', owner)
  .version(1, Standing)
  .key((order) => order.orderId)

/** The order reached the customer. */
export const OrderDelivered = defineEvent('shop.order-delivered', owner)
  .version(1, Standing)
  .key((order) => order.orderId)

/** Somebody set the order's status by hand: cancelled, unavailable, … `status` differs where something later is known. */
export const OrderStatusSet = defineEvent('shop.order-status-set', owner)
  .version(1, Standing.extend({ set: OrderStatus }))
  .key((order) => order.orderId)

const key = (order: { readonly orderId: string }) => order.orderId

/** Places an order. */
export const PlaceOrder = defineCommand('place-order', { input: Placed, key })

/** Notes that an order's payment was approved; normally payments' own event says so. */
export const ApproveOrder = defineCommand('approve-order', { input: OfOrder, key })

/** Notes that an order was handed over to the carrier; normally shipping's own event says so. */
export const HandOverOrder = defineCommand('hand-over-order', { input: OfOrder, key })

/** Notes that an order reached the customer; normally shipping's own event says so. */
export const DeliverOrder = defineCommand('deliver-order', { input: OfOrder, key })

/** Sets an order's status by hand. */
export const SetOrderStatus = defineCommand('set-order-status', {
  input: z.object({ orderId: Id, status: OrderStatus }),
  key,
})

/** An order as its history makes it. */
export const OrderView = z.object({
  orderId: Id,
  customerId: Id,
  status: OrderStatus,
  placedAt: Moment,
  approvedAt: Moment.nullable(),
  handedOverAt: Moment.nullable(),
  deliveredAt: Moment.nullable(),
  estimatedDeliveryAt: Moment,
  items: z.array(OrderItem),
})

/** One order as it is now. */
export const OrderById = defineQuery('order', { owner: 'orders', input: OfOrder, output: OrderView })

/** One order as it was at a moment in the past. */
export const OrderAt = defineQuery('order-at', {
  owner: 'orders',
  input: z.object({ orderId: Id, at: Moment }),
  output: OrderView,
})
