// The services of the system, and the engine they run on. `npx tidings` reads this file.
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import orders from './services/orders/index.ts'
import parcels from './services/parcels/index.ts'

export default defineConfig({
  name: 'system',
  services: [orders, parcels],
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'power-loss', log }),
})
