// The parcel of an order is packed, with a mistake in it: what was packed is remembered in memory.
import { OrderChanged } from '../../templates/system/services/orders/contract.ts'
import { ParcelPacked } from '../../templates/system/services/parcels/contract.ts'
import { parcels } from '../../templates/system/services/parcels/service.ts'

const packed = new Set<string>()

export const packParcel = parcels.on(
  OrderChanged,
  { publishes: [ParcelPacked] },
  async ({ orderId, item, quantity }, { tables, publish, occurredAt }) => {
    if (packed.has(orderId)) return
    packed.add(orderId)
    tables.parcels.put({ orderId, content: `${quantity} × ${item}`, packedAt: occurredAt.toISOString() })
    publish(ParcelPacked, { orderId })
  },
)
