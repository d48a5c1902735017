// The system that `npx tidings` runs in this folder: the chat. Its databases stand in a folder of their own, beside the shop's.
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { authorize } from './inner-doors.ts'
import { chatServices } from './services/index.ts'

export default defineConfig({
  name: 'chat',
  services: chatServices,
  // An example need not wait for the disk: what is committed outlives a killed process, and a power cut may take back the last commits.
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  data: '../../.tidings/chat',
  doors: { port: 4848, authorize },
})
