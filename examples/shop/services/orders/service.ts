// The service `orders`: the history of every order. Events of `payments` and `shipping` report approvals and deliveries.
import { defineService } from 'tidings'
import { OrderApproved, OrderDelivered, OrderHandedOver, OrderPlaced, OrderStatusSet } from './contract.ts'

export const orders = defineService('orders', {
  description: 'The history of every order.',
  publishes: [OrderPlaced, OrderApproved, OrderHandedOver, OrderDelivered, OrderStatusSet],
})
