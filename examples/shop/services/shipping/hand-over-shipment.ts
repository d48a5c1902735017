// Records that the carrier takes the parcels of an order. If the parcels are not prepared yet, their events follow when they are.
import { HandOverShipment, ParcelDispatched, ShipmentHandedOver } from './contract.ts'
import { shipping, unknownShipment } from './service.ts'

export const handOverShipment = shipping.command(
  HandOverShipment,
  { publishes: [ShipmentHandedOver, ParcelDispatched] },
  async ({ orderId }, { tables, publish, occurredAt }) => {
    const shipment = (await tables.shipments.get(orderId)) ?? unknownShipment(orderId)
    if (shipment.handedOverAt !== null) return
    const handedOverAt = occurredAt.toISOString()
    tables.shipments.put({ ...shipment, handedOverAt })
    publish(ShipmentHandedOver, { orderId })
    for (const parcel of await tables.parcels.getMany(shipment.parcelIds ?? [])) {
      if (parcel === undefined) continue
      const { parcelId, sellerId, to } = parcel
      tables.parcels.put({ ...parcel, dispatchedAt: handedOverAt })
      publish(ParcelDispatched, { parcelId, orderId, sellerId, toState: to.state })
    }
  },
)
