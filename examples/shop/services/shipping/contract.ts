// The contract of `shipping`: shipments (a whole order) and parcels (one seller's items of one order).
import { defineCommand, defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Cents, Id, Moment, PairId } from '../words.ts'

/** The id of a parcel: its order and its seller. */
export const parcelIdOf = (orderId: string, sellerId: string): string => `${orderId}/${sellerId}`

const OfOrder = z.object({ orderId: Id })
const key = (shipment: { readonly orderId: string }) => shipment.orderId
const notification = { owner: 'shipping', pattern: 'notification' } as const

/** The carrier took the parcels of an order. Published at once, even before shipping knows the order itself. */
export const ShipmentHandedOver = defineEvent('shop.shipment-handed-over', notification).version(1, OfOrder).key(key)

/** The parcels of an order reached the customer. */
export const ShipmentDelivered = defineEvent('shop.shipment-delivered', notification).version(1, OfOrder).key(key)

/** A parcel is on its way. */
export const ParcelDispatched = defineEvent('shop.parcel-dispatched', notification)
  .version(1, z.object({ parcelId: PairId, orderId: Id, sellerId: Id, toState: z.string() }))
  .key((parcel) => parcel.parcelId)

/** A parcel reached the customer. */
export const ParcelDelivered = defineEvent('shop.parcel-delivered', notification)
  .version(1, z.object({ parcelId: PairId, orderId: Id, sellerId: Id }))
  .key((parcel) => parcel.parcelId)

/** Records that the carrier takes the parcels of an order. */
export const HandOverShipment = defineCommand('hand-over-shipment', { expose: true, input: OfOrder, key })

/** Records that the parcels of an order reach the customer. */
export const DeliverShipment = defineCommand('deliver-shipment', { expose: true, input: OfOrder, key })

/** A parcel: one seller's items of one order, and where it goes. */
export const Parcel = z.object({
  parcelId: PairId,
  orderId: Id,
  sellerId: Id,
  itemCount: z.int().positive(),
  freightCents: Cents,
  to: z.object({ zipCode: z.string(), city: z.string(), state: z.string() }),
  dispatchedAt: Moment.nullable(),
  deliveredAt: Moment.nullable(),
})

/** The parcels of an order. */
export const ParcelsOfOrder = defineQuery('parcels-of-order', {
  owner: 'shipping',
  expose: true,
  input: OfOrder,
  output: z.array(Parcel),
})
