// A service for the tests of output that nobody reads: its command prints as much as it is told to, and an event that fails makes a line of the log.

import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEvent, defineQuery, defineService, defineTable } from 'tidings'
import { z } from 'zod'

const Item = z.object({ id: z.string(), lines: z.number().default(0) })
const Said = defineEvent('test.said', { owner: 'noisy', pattern: 'notification' })
  .version(1, Item)
  .key(({ id }) => id)
const Say = defineCommand('say', { expose: true, input: Item })
const Heard = defineQuery('heard', { owner: 'noisy', expose: true, input: z.object({}), output: z.array(z.string()) })
const heard = defineTable('heard')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)

const noisy = defineService('noisy', { publishes: [Said], tables: { heard } })
const failed = new Set<string>()

export default defineConfig({
  name: 'noisy',
  services: [
    noisy.with({
      say: noisy.command(Say, { publishes: [Said] }, (item, { publish }) => {
        for (let n = 0; n < item.lines; n++) {
          console.log(`${item.id} ${'x'.repeat(1_000)}`)
          console.error(`${item.id} ${'x'.repeat(1_000)}`)
        }
        publish(Said, item)
      }),
      hear: noisy.on(Said, ({ id }, { tables }) => {
        if (!failed.has(id)) {
          failed.add(id)
          throw new Error(`${id} fails once`)
        }
        tables.heard.put({ id })
      }),
      answer: noisy.query(Heard, async (_, { tables }) =>
        (await tables.heard.list({ limit: 1_000 })).map(({ id }) => id),
      ),
    }),
  ],
  http: { port: 0 },
  watchdog: { blockedMsMax: 500 },
  engine: ({ directory, log }) => sqliteDriver({ directory, log, durability: 'process-crash' }),
})
