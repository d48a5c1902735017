// The service `shipping`: the parcels of every order. Their addresses come from a replica of the customers.
// Invariant: parcels are dispatched when both the order and its hand-over are known, whichever came first.
import { defineService, defineTable, replicaOf } from 'tidings'
import { z } from 'zod'
import { CustomerChanged } from '../customers/contract.ts'
import { Id, Moment, PairId } from '../words.ts'
import { Parcel, ParcelDelivered, ParcelDispatched, ShipmentDelivered, ShipmentHandedOver } from './contract.ts'

/** The shipment of an order, as far as it is known. */
export const Shipment = z.object({
  orderId: Id,
  handedOverAt: Moment.nullable(),
  deliveredAt: Moment.nullable(),
  /** The parcels, or `null` while the order itself is not known. */
  parcelIds: z.array(PairId).nullable(),
})

const shipments = defineTable('shipments')
  .version(1, Shipment)
  .key((shipment) => shipment.orderId)

const parcels = defineTable('parcels')
  .version(1, Parcel)
  .key((parcel) => parcel.parcelId)
  .index('orderId')

export const shipping = defineService('shipping', {
  description: 'One parcel for each seller of an order, on its way to the customer.',
  publishes: [ShipmentHandedOver, ShipmentDelivered, ParcelDispatched, ParcelDelivered],
  tables: { shipments, parcels },
  replicas: { customers: replicaOf(CustomerChanged) },
})

/** A shipment without any known data. */
export const unknownShipment = (orderId: string): z.infer<typeof Shipment> => ({
  orderId,
  handedOverAt: null,
  deliveredAt: null,
  parcelIds: null,
})
