// Answers with the parcels of an order.
import { ParcelsOfOrder } from './contract.ts'
import { shipping } from './service.ts'

export const parcelsOfOrder = shipping.query(ParcelsOfOrder, async ({ orderId }, { tables }) => [
  ...(await tables.parcels.find('orderId', orderId)),
])
