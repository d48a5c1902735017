// Maps an order's private facts to public events. Every event also has the order's status after it.
import { OrderApproved, OrderDelivered, OrderHandedOver, OrderPlaced, OrderStatusSet } from './contract.ts'
import { order } from './order.ts'
import { statusOf } from './order-state.ts'
import { orders } from './service.ts'

export const orderStream = orders.decider(order, {
  publishes: [OrderPlaced, OrderApproved, OrderHandedOver, OrderDelivered, OrderStatusSet],
  announce: {
    placed: (placed, state, { event, meta }) =>
      event(OrderPlaced, { orderId: meta.stream, ...placed, status: statusOf(state) }),
    approved: (_, state, { event, meta }) => event(OrderApproved, { orderId: meta.stream, status: statusOf(state) }),
    handedOver: (_, state, { event, meta }) =>
      event(OrderHandedOver, { orderId: meta.stream, status: statusOf(state) }),
    delivered: (_, state, { event, meta }) => event(OrderDelivered, { orderId: meta.stream, status: statusOf(state) }),
    statusSet: ({ status }, state, { event, meta }) =>
      event(OrderStatusSet, { orderId: meta.stream, status: statusOf(state), set: status }),
  },
})
