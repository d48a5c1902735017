// The chat's configuration, which child processes load.

import { sqliteDriver } from '@tidings/sqlite'
import { defineConfig } from '../src/config/config.ts'
import { rooms } from './chat-system.ts'

export default defineConfig({
  name: 'chat',
  services: [rooms],
  engine: ({ directory }) => sqliteDriver({ directory, durability: 'process-crash' }),
  http: { port: 0 },
})
