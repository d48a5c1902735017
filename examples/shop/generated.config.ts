// The shop on made-up orders: the same system, whose databases stand in a folder of their own, so that no import counts them.
import { join } from 'node:path'
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { shopServices } from './services/index.ts'

export default defineConfig({
  name: 'shop',
  services: shopServices,
  engine: ({ directory, log }) =>
    sqliteDriver({ directory: join(directory, 'generated'), durability: 'process-crash', log }),
  // The repository's own folder, where `npx tidings` looks for what is running.
  data: '../../.tidings',
  http: { port: 4747 },
})
