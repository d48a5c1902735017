// Records in the order's history that it was handed over to the carrier.
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
