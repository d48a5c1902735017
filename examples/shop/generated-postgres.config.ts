// The shop on Postgres with generated orders, whose database is in a separate folder, so that an import does not count these orders.
import { join } from 'node:path'
import { defineConfig } from '@tidings/node'
import { localPostgresDriver } from '@tidings/postgres/local'
import { shopServices } from './services/index.ts'

export default defineConfig({
  name: 'shop',
  services: shopServices,
  // All processes of the shop share one server, which starts with the first of them and stops with the last.
  engine: ({ directory, log }) =>
    localPostgresDriver({ directory: join(directory, 'generated', 'postgres'), durability: 'process-crash', log }),
  data: '../../.tidings',
  http: { port: 4747 },
})
