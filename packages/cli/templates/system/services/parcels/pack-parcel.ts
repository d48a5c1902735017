// When an order is placed, packs its parcel. Later changes of the order are ignored.
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
