// Shipping says that an order reached its customer: it becomes a fact of the order's own history.
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
