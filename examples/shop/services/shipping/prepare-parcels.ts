// Makes one parcel for each seller of a placed order. If the carrier reported before the order was known, publishes those events now.
import type { z } from 'zod'
import { OrderPlaced } from '../orders/contract.ts'
import { type Parcel, ParcelDelivered, ParcelDispatched, parcelIdOf } from './contract.ts'
import { shipping, unknownShipment } from './service.ts'

export const prepareParcels = shipping.on(
  OrderPlaced,
  { publishes: [ParcelDispatched, ParcelDelivered] },
  async ({ orderId, customerId, items }, { tables, replicas, publish }) => {
    const shipment = (await tables.shipments.get(orderId)) ?? unknownShipment(orderId)
    if (shipment.parcelIds !== null) return
    const { zipCode, city, state } = await replicas.customers.require(customerId)
    const { handedOverAt, deliveredAt } = shipment
    const parcelIds: string[] = []
    for (const [sellerId, ofSeller = []] of Map.groupBy(items, (item) => item.sellerId)) {
      const parcel: z.infer<typeof Parcel> = {
        parcelId: parcelIdOf(orderId, sellerId),
        orderId,
        sellerId,
        itemCount: ofSeller.length,
        freightCents: ofSeller.reduce((cents, item) => cents + item.freightCents, 0),
        to: { zipCode, city, state },
        dispatchedAt: handedOverAt,
        deliveredAt,
      }
      const { parcelId } = parcel
      parcelIds.push(parcelId)
      tables.parcels.put(parcel)
      if (handedOverAt !== null) {
        publish(
          ParcelDispatched,
          { parcelId, orderId, sellerId, toState: state },
          { occurredAt: new Date(handedOverAt) },
        )
      }
      if (deliveredAt !== null) {
        publish(ParcelDelivered, { parcelId, orderId, sellerId }, { occurredAt: new Date(deliveredAt) })
      }
    }
    tables.shipments.put({ ...shipment, parcelIds })
  },
)
