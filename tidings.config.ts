// The configuration that `npx tidings` uses in this repository: the shop of examples/shop. `npm start -- --orders` imports into it.
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { shopServices } from './examples/shop/services/index.ts'

export default defineConfig({
  name: 'shop',
  services: shopServices,
  // An example need not wait for the disk: commits survive a killed process, but a power cut may lose the last ones.
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  data: '.tidings',
  http: { port: 4747 },
})
