// What `shipping` owns, hears and says: the parcels of every order. Where they go it knows from its own copy of the customers.
// Invariant: parcels are dispatched when both the order and its hand-over are known, whichever shipping heard of first.
import { defineService, defineTable, replicaOf } from 'tidings'
import { z } from 'zod'
import { CustomerChanged } from '../customers/contract.ts'
import { Id, Moment, PairId } from '../words.ts'
import { Parcel, ParcelDelivered, ParcelDispatched, ShipmentDelivered, ShipmentHandedOver } from './contract.ts'

/** What is known of an order's shipment. */
export const Shipment = z.object({
  orderId: Id,
  handedOverAt: Moment.nullable(),
  deliveredAt: Moment.nullable(),
  /** The parcels, or `null` as long as the order itself has not been heard of. */
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

/** A shipment of which nothing is known but its order. */
export const unknownShipment = (orderId: string): z.infer<typeof Shipment> => ({
  orderId,
  handedOverAt: null,
  deliveredAt: null,
  parcelIds: null,
})
