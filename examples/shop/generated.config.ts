// The shop on generated orders: the same system with its databases in a separate folder, so that an import does not count these orders.
import { join } from 'node:path'
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { shopServices } from './services/index.ts'

export default defineConfig({
  name: 'shop',
  services: shopServices,
  engine: ({ directory, log }) =>
    sqliteDriver({ directory: join(directory, 'generated'), durability: 'process-crash', log }),
  // The folder of the repository's configuration, so that `npx tidings` finds the running services.
  data: '../../.tidings',
  http: { port: 4747 },
})
