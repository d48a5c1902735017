// The shop on Postgres: the same services on another engine. `npm start -- --engine postgres --orders` imports into it.
import { join } from 'node:path'
import { defineConfig } from '@tidings/node'
import { localPostgresDriver } from '@tidings/postgres/local'
import { shopServices } from './services/index.ts'

export default defineConfig({
  name: 'shop',
  services: shopServices,
  // All processes of the shop share one server, which starts with the first of them and stops with the last.
  engine: ({ directory, log }) =>
    localPostgresDriver({ directory: join(directory, 'postgres'), durability: 'process-crash', log }),
  data: '../../.tidings',
  http: { port: 4747 },
})
