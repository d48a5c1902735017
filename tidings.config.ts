// The system that `npm start` and `npx tidings` run in this repository: the shop of examples/shop.
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { shopServices } from './examples/shop/services/index.ts'

export default defineConfig({
  name: 'shop',
  services: shopServices,
  // An example need not wait for the disk: what is committed outlives a killed process, and a power cut may take back the last commits.
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  data: '.tidings',
  http: { port: 4747 },
})
