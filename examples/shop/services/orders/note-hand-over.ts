// Shipping says that the carrier has an order: it becomes a fact of the order's own history.
import { ShipmentHandedOver } from '../shipping/contract.ts'
import { HandOverOrder } from './contract.ts'
import { orders } from './service.ts'

export const noteHandOver = orders.on(
  ShipmentHandedOver,
  { executes: [HandOverOrder] },
  async ({ orderId }, { execute }) => {
    await execute(HandOverOrder, { orderId })
  },
)
