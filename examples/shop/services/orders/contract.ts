// The contract of `orders`: the public events of each order's history, in the sequence in which they were recorded. Reports are recorded in
// any sequence: a hand-over may come before the approval.
import { defineCommand, defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Cents, Id, itemCentsMax, Moment } from '../words.ts'

/** Every status of an order, with the names of the data set. */
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
  /** The latest time for the seller to hand it over to the carrier. */
  shipBy: Moment,
})

const Placed = z.object({
  orderId: Id,
  customerId: Id,
  estimatedDeliveryAt: Moment,
  /** May be empty: some orders end before any item is reserved. */
  items: z.array(OrderItem).max(500),
})

const OfOrder = z.object({ orderId: Id })

/** The data of every event of an order: the order's status after it. */
const StatusAfter = z.object({ orderId: Id, status: OrderStatus })
const owner = { owner: 'orders', pattern: 'event-sourcing' } as const

/** A customer placed an order; it occurred at the time of purchase. */
export const OrderPlaced = defineEvent('shop.order-placed', owner)
  .version(1, Placed.extend({ status: OrderStatus }))
  .key((order) => order.orderId)

/** The payment of an order was approved. */
export const OrderApproved = defineEvent('shop.order-approved', owner)
  .version(1, StatusAfter)
  .key((order) => order.orderId)

/** The order was handed over to the carrier. */
export const OrderHandedOver = defineEvent('shop.order-handed-over', owner)
  .version(1, StatusAfter)
  .key((order) => order.orderId)

/** The order reached the customer. */
export const OrderDelivered = defineEvent('shop.order-delivered', owner)
  .version(1, StatusAfter)
  .key((order) => order.orderId)

/** Somebody set the order's status by hand: cancelled, unavailable, … `status` differs from `set` if something happened later. */
export const OrderStatusSet = defineEvent('shop.order-status-set', owner)
  .version(1, StatusAfter.extend({ set: OrderStatus }))
  .key((order) => order.orderId)

const key = (order: { readonly orderId: string }) => order.orderId

const ItemCents = Cents.max(itemCentsMax)
const OrderedItem = OrderItem.extend({ priceCents: ItemCents, freightCents: ItemCents })

/** Places an order. */
export const PlaceOrder = defineCommand('place-order', {
  expose: true,
  input: Placed.extend({ items: z.array(OrderedItem).max(500) }),
  key,
})

/** Records that an order's payment was approved. Internal: an event of `payments` causes it. */
export const ApproveOrder = defineCommand('approve-order', { input: OfOrder, key })

/** Records that an order was handed over to the carrier. Internal: an event of `shipping` causes it. */
export const HandOverOrder = defineCommand('hand-over-order', { input: OfOrder, key })

/** Records that an order reached the customer. Internal: an event of `shipping` causes it. */
export const DeliverOrder = defineCommand('deliver-order', { input: OfOrder, key })

/** Sets an order's status by hand. */
export const SetOrderStatus = defineCommand('set-order-status', {
  expose: true,
  input: z.object({ orderId: Id, status: OrderStatus }),
  key,
})

/** An order, computed from its history. */
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
export const OrderById = defineQuery('order', { owner: 'orders', expose: true, input: OfOrder, output: OrderView })

/** One order as it was at a moment in the past. */
export const OrderAt = defineQuery('order-at', {
  owner: 'orders',
  expose: true,
  input: z.object({ orderId: Id, at: Moment }),
  output: OrderView,
})
