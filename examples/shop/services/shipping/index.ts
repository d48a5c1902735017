// The service `shipping`.
import { deliverShipment } from './deliver-shipment.ts'
import { handOverShipment } from './hand-over-shipment.ts'
import { parcelsOfOrder } from './parcels-of-order.ts'
import { prepareParcels } from './prepare-parcels.ts'
import { shipping } from './service.ts'

export default shipping.with({ prepareParcels, handOverShipment, deliverShipment, parcelsOfOrder })
