// The system that `npx tidings` runs in this folder: the chat. Its databases stand in a folder of their own, beside the shop's.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { authorize } from './access.ts'
import { chatServices } from './services/index.ts'

// The page is files as they are: its two libraries come from where npm has put them.
const packaged = (name: string) => dirname(fileURLToPath(import.meta.resolve(name)))
const pages = [
  { path: '/', folder: join(import.meta.dirname, 'page') },
  { path: '/vendor/htm', folder: packaged('htm') },
  { path: '/vendor/preact', folder: packaged('preact') },
]

export default defineConfig({
  name: 'chat',
  services: chatServices,
  // An example need not wait for the disk: what is committed outlives a killed process, and a power cut may take back the last commits.
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  data: '../../.tidings/chat',
  http: { port: 4848, authorize, pages },
})
