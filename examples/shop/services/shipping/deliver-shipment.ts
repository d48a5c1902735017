// Records that the parcels of an order reach the customer. If the parcels are not prepared yet, their events follow when they are.
import { DeliverShipment, ParcelDelivered, ShipmentDelivered } from './contract.ts'
import { shipping, unknownShipment } from './service.ts'

export const deliverShipment = shipping.command(
  DeliverShipment,
  { publishes: [ShipmentDelivered, ParcelDelivered] },
  async ({ orderId }, { tables, publish, occurredAt }) => {
    const shipment = (await tables.shipments.get(orderId)) ?? unknownShipment(orderId)
    if (shipment.deliveredAt !== null) return
    const deliveredAt = occurredAt.toISOString()
    tables.shipments.put({ ...shipment, deliveredAt })
    publish(ShipmentDelivered, { orderId })
    for (const parcel of await tables.parcels.getMany(shipment.parcelIds ?? [])) {
      if (parcel === undefined) continue
      const { parcelId, sellerId } = parcel
      tables.parcels.put({ ...parcel, deliveredAt })
      publish(ParcelDelivered, { parcelId, orderId, sellerId })
    }
  },
)
