// Answers with the parcel of an order.
import { ParcelOfOrder } from './contract.ts'
import { parcels } from './service.ts'

export const parcelOfOrder = parcels.query(ParcelOfOrder, ({ orderId }, { tables }) => tables.parcels.get(orderId))
