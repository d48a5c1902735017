// What `orders` owns and says: the history of every order. It is told of payments and shipments by their owners' events.
import { defineService } from 'tidings'
import { OrderApproved, OrderDelivered, OrderHandedOver, OrderPlaced, OrderStatusSet } from './contract.ts'

export const orders = defineService('orders', {
  description: 'What was ordered, and what became of it.',
  publishes: [OrderPlaced, OrderApproved, OrderHandedOver, OrderDelivered, OrderStatusSet],
})
