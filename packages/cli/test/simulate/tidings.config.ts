// The system that `tidings init` writes, with a mistake in one of its functions.
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import orders from '../../templates/system/services/orders/index.ts'
import { parcelOfOrder } from '../../templates/system/services/parcels/parcel-of-order.ts'
import { parcels } from '../../templates/system/services/parcels/service.ts'
import { packParcel } from './pack-parcel.ts'

export default defineConfig({
  name: 'system',
  services: [orders, parcels.with({ packParcel, parcelOfOrder })],
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
})
