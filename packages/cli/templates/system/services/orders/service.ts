// What `orders` owns and publishes.
import { defineService, defineTable } from 'tidings'
import { Order, OrderChanged } from './contract.ts'

const orderTable = defineTable('orders')
  .version(1, Order)
  .key((order) => order.orderId)

export const orders = defineService('orders', {
  description: 'What was ordered.',
  publishes: [OrderChanged],
  tables: { orders: orderTable },
})
