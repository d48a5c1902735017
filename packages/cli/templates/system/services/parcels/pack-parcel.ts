// An order was placed: its parcel is packed. What else happens to an order is no business of ours.
import { OrderChanged } from '../orders/contract.ts'
import { ParcelPacked } from './contract.ts'
import { parcels } from './service.ts'

export const packParcel = parcels.on(
  OrderChanged,
  { publishes: [ParcelPacked] },
  async ({ orderId, item, quantity, status }, { tables, publish, occurredAt }) => {
    if (status !== 'placed') return
    tables.parcels.put({ orderId, content: `${quantity} × ${item}`, packedAt: occurredAt.toISOString() })
    publish(ParcelPacked, { orderId })
  },
)
