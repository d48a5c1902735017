// The service `parcels`.
import { packParcel } from './pack-parcel.ts'
import { parcelOfOrder } from './parcel-of-order.ts'
import { parcels } from './service.ts'

export default parcels.with({ packParcel, parcelOfOrder })
