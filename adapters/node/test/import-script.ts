// An import as a user writes it: it sends commands, waits until everything is handled, and closes. Nothing else keeps its process alive.

import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEvent, defineService, defineTable } from 'tidings'
import { createSystem } from 'tidings/runtime'
import * as z from 'zod'
import { nodeEnvironment } from '../src/index.ts'

const Line = z.object({ id: z.string(), cents: z.number() })
const LineRead = defineEvent('import.line-read', { owner: 'ledger', pattern: 'notification' })
  .version(1, Line)
  .key(({ id }) => id)
const lines = defineTable('lines')
  .version(1, Line)
  .key(({ id }) => id)

const ledger = defineService('ledger', { publishes: [LineRead], limits: { handlerTimeoutMs: 200 } })
const ReadLine = defineCommand('read-line', { input: Line })
const readLine = ledger.command(ReadLine, { publishes: [LineRead] }, (line, { publish }) => publish(LineRead, line))
const Hang = defineCommand('hang', { input: z.object({}) })
const hang = ledger.command(Hang, () => new Promise<void>(() => {}))

const totals = defineService('totals', { tables: { lines }, limits: { retryDelayMs: 300, retryDelayMsMax: 300 } })
let failures = 1
// The first try fails, so that everything rests until the retry is due.
const addLine = totals.on(LineRead, {}, (line, { tables }) => {
  if (failures-- > 0) throw new Error('not now')
  tables.lines.put(line)
})

const system = await createSystem({
  services: [ledger.with({ readLine, hang }), totals.with({ addLine })],
  driver: sqliteDriver({ directory: process.argv[2] ?? '', durability: 'process-crash' }),
  environment: nodeEnvironment({ log: { level: 'silent' } }),
})
await system.service('ledger').command('read-line', { id: 'a', cents: 100 })
await system.settled()
const { code } = await system
  .service('ledger')
  .command('hang', {})
  .catch((error) => error)
process.stdout.write(`${code}\n`)
process.stdout.write(`${await system.service('totals').store.count('lines')} line\n`)
await system.close()
