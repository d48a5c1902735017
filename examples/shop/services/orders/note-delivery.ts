// Records in the order's history that it reached the customer.
import { ShipmentDelivered } from '../shipping/contract.ts'
import { DeliverOrder } from './contract.ts'
import { orders } from './service.ts'

export const noteDelivery = orders.on(
  ShipmentDelivered,
  { executes: [DeliverOrder] },
  async ({ orderId }, { execute }) => {
    await execute(DeliverOrder, { orderId })
  },
)
