// The configuration of the chat, which `npx tidings` uses in this folder. Its databases have their own folder, beside the shop's.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { chatServices } from './services/index.ts'

// The page's files are served unchanged; its two libraries are served from their npm packages.
const packaged = (name: string) => dirname(fileURLToPath(import.meta.resolve(name)))
const pages = [
  { path: '/', folder: join(import.meta.dirname, 'page') },
  { path: '/vendor/htm', folder: packaged('htm') },
  { path: '/vendor/preact', folder: packaged('preact') },
]

export default defineConfig({
  name: 'chat',
  services: chatServices,
  // An example need not wait for the disk: commits survive a killed process, but a power cut may lose the last ones.
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  data: '../../.tidings/chat',
  http: { port: 4848, pages },
})
