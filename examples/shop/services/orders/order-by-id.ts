// Answers with an order as it is now, or as it was at a moment in the past. Both come from its history.
import type { QueryOutput } from 'tidings'
import { OrderAt, OrderById } from './contract.ts'
import { order } from './order.ts'
import { type OrderState, statusOf } from './order-state.ts'
import { orders } from './service.ts'

export const orderById = orders.query(OrderById, async ({ orderId }, { streams }) => {
  const { state } = await streams.load(order, orderId)
  return viewOf(orderId, state)
})

export const orderAt = orders.query(OrderAt, async ({ orderId, at }, { streams }) => {
  const { state } = await streams.load(order, orderId, { at: new Date(at) })
  return viewOf(orderId, state)
})

function viewOf(orderId: string, state: OrderState): QueryOutput<typeof OrderById> | undefined {
  const { placed, approvedAt, handedOverAt, deliveredAt } = state
  if (placed === null) return undefined
  const { items, ...rest } = placed
  return { orderId, ...rest, status: statusOf(state), approvedAt, handedOverAt, deliveredAt, items: [...items] }
}
