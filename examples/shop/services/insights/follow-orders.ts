// Follows the histories of all orders: the current status of each, and every change of it.
// An event may arrive before the order was placed; its row is completed later and not counted until then.
import type { ProjectionContext, RowOf } from 'tidings'
import {
  OrderApproved,
  OrderDelivered,
  OrderHandedOver,
  OrderPlaced,
  type OrderStatus,
  OrderStatusSet,
} from '../orders/contract.ts'
import { type history, insights, type orders } from './service.ts'

type Context = ProjectionContext<{ orders: typeof orders; history: typeof history }>
type Order = RowOf<typeof orders>

const unknownOrder = (orderId: string): Order => ({
  orderId,
  status: 'created',
  month: null,
  customerId: null,
  estimatedAt: null,
  freightCents: 0,
  approvedAt: null,
  approvedMonth: null,
  handedOverAt: null,
  deliveredAt: null,
})

// The progress of an order as a number, for `statuses-on-day`; a status that was set by hand ranks highest.
const ranks: Partial<Record<OrderStatus, number>> = { created: 1, approved: 2, shipped: 3, delivered: 4 }
const byHand = 5

export const followOrders = insights
  .projection('orders', { writes: ['orders', 'history'] })
  .on(OrderPlaced, async ({ orderId, customerId, status, estimatedDeliveryAt, items }, context) => {
    await change(context, orderId, {
      status,
      customerId,
      month: monthOf(context),
      estimatedAt: Date.parse(estimatedDeliveryAt),
      freightCents: items.reduce((cents, item) => cents + item.freightCents, 0),
    })
    remember(context, orderId, 'created', ranks.created)
  })
  .on(OrderApproved, async ({ orderId, status }, context) => {
    await change(context, orderId, { status, approvedAt: timeOf(context), approvedMonth: monthOf(context) })
    remember(context, orderId, 'approved', ranks.approved)
  })
  .on(OrderHandedOver, async ({ orderId, status }, context) => {
    await change(context, orderId, { status, handedOverAt: timeOf(context) })
    remember(context, orderId, 'shipped', ranks.shipped)
  })
  .on(OrderDelivered, async ({ orderId, status }, context) => {
    await change(context, orderId, { status, deliveredAt: timeOf(context) })
    remember(context, orderId, 'delivered', ranks.delivered)
  })
  .on(OrderStatusSet, async ({ orderId, status, set }, context) => {
    await change(context, orderId, { status })
    remember(context, orderId, set, byHand)
  })

async function change({ tables }: Context, orderId: string, changes: Partial<Order>): Promise<void> {
  const known = (await tables.orders.get(orderId)) ?? unknownOrder(orderId)
  tables.orders.put({ ...known, ...changes })
}

function remember(context: Context, orderId: string, status: OrderStatus, rank = byHand): void {
  const at = timeOf(context)
  context.tables.history.put({ changeId: `${orderId}/${at}/${rank}/${status}`, orderId, at, status, rank })
}

function timeOf({ event }: Context): number {
  return event.occurredAt.getTime()
}

function monthOf({ event }: Context): string {
  return event.occurredAt.toISOString().slice(0, 7)
}
