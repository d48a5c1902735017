// The contract of `parcels`.
import { defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'

/** A parcel. */
export const Parcel = z.object({
  orderId: z.string(),
  content: z.string(),
  packedAt: z.iso.datetime(),
})

/** The parcel of an order is packed. */
export const ParcelPacked = defineEvent('parcels.parcel-packed', { owner: 'parcels', pattern: 'notification' })
  .version(1, z.object({ orderId: z.string() }))
  .key((parcel) => parcel.orderId)

/** The parcel of an order. */
export const ParcelOfOrder = defineQuery('parcel-of-order', {
  owner: 'parcels',
  expose: true,
  input: z.object({ orderId: z.string() }),
  output: Parcel,
})
