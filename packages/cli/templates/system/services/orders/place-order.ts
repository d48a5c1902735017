// A customer orders something. A second order with the same id is rejected.
import { reject } from 'tidings'
import { OrderChanged, PlaceOrder } from './contract.ts'
import { orders } from './service.ts'

export const placeOrder = orders.command(
  PlaceOrder,
  { publishes: [OrderChanged] },
  async (input, { tables, publish }) => {
    if ((await tables.orders.get(input.orderId)) !== undefined) {
      return reject('order-exists', `There is an order ${input.orderId} already.`)
    }
    const order = { ...input, status: 'placed' as const }
    tables.orders.put(order)
    publish(OrderChanged, order)
    return order
  },
)
