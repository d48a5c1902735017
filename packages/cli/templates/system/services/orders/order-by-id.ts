// Answers with the present state of an order.
import { OrderById } from './contract.ts'
import { orders } from './service.ts'

export const orderById = orders.query(OrderById, ({ orderId }, { tables }) => tables.orders.get(orderId))
