// Two services for `tidings start --all`: one works slowly, prints, ends its process or never ends, as its commands say; the other only answers.

import { setTimeout as pause } from 'node:timers/promises'
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineQuery, defineService, defineTable, TidingsError } from 'tidings'
import type { Driver } from 'tidings/ports'
import { z } from 'zod'

const Work = defineCommand('work', { expose: true, input: z.object({ id: z.string(), waitMs: z.number().default(0) }) })
const End = defineCommand('end', { expose: true, input: z.object({}) })
const Done = defineQuery('done', {
  owner: 'works',
  expose: true,
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string() }),
})
const Ping = defineQuery('ping', {
  owner: 'answers',
  expose: true,
  input: z.object({}),
  output: z.object({ pid: z.number() }),
})
const done = defineTable('done')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)

const works = defineService('works', { tables: { done } })
const answers = defineService('answers')

// Its store may be away.
function away(driver: Driver): Driver {
  const open: Driver['open'] = async (environment) => {
    const engine = await driver.open(environment)
    return {
      ...engine,
      openStore: (service) => {
        if (service === process.env.AWAY)
          throw new TidingsError('STORE_UNAVAILABLE', `The store of ${service} is away.`)
        return engine.openStore(service)
      },
    }
  }
  return { ...driver, open }
}

export default defineConfig({
  name: 'supervised',
  services: [
    works.with({
      work: works.command(Work, async ({ id, waitMs }, { tables }) => {
        console.log(`begins ${id}`)
        console.error('to stderr')
        await pause(waitMs)
        tables.done.put({ id })
      }),
      end: works.command(End, () => process.exit(9)),
      done: works.query(Done, ({ id }, { tables }) => tables.done.get(id)),
    }),
    answers.with({ ping: answers.query(Ping, () => ({ pid: process.pid })) }),
  ],
  engine: ({ directory, log }) => away(sqliteDriver({ directory, durability: 'process-crash', log })),
  http: { port: 0 },
})
