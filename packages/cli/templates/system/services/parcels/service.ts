// What `parcels` owns and publishes.
import { defineService, defineTable } from 'tidings'
import { Parcel, ParcelPacked } from './contract.ts'

const parcelTable = defineTable('parcels')
  .version(1, Parcel)
  .key((parcel) => parcel.orderId)

export const parcels = defineService('parcels', {
  description: 'One parcel for each order.',
  publishes: [ParcelPacked],
  tables: { parcels: parcelTable },
})
