// When the parcel of an order is packed, marks the order as packed.
import { ParcelPacked } from '../parcels/contract.ts'
import { OrderChanged } from './contract.ts'
import { orders } from './service.ts'

export const notePacking = orders.on(
  ParcelPacked,
  { publishes: [OrderChanged] },
  async ({ orderId }, { tables, publish }) => {
    const order = await tables.orders.get(orderId)
    if (order === undefined) return
    const packed = { ...order, status: 'packed' as const }
    tables.orders.put(packed)
    publish(OrderChanged, packed)
  },
)
