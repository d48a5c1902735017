// The chat on Postgres: the same services on another engine. `npm run chat -- --engine postgres` uses it.
import { join } from 'node:path'
import { defineConfig } from '@tidings/node'
import { localPostgresDriver } from '@tidings/postgres/local'
import chat from './tidings.config.ts'

export default defineConfig({
  ...chat,
  // All processes of the chat share one server, which starts with the first of them and stops with the last.
  engine: ({ directory, log }) =>
    localPostgresDriver({ directory: join(directory, 'postgres'), durability: 'process-crash', log }),
})
