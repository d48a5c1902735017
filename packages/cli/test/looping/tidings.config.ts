// A service for the tests of the watchdog: each of its functions loops for ever if what it is given names it, some of them after an `await`.

import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import {
  defineCommand,
  defineEffect,
  defineEvent,
  defineLiveQuery,
  defineQuery,
  defineService,
  defineTable,
  fact,
} from 'tidings'
import { z } from 'zod'

const Item = z.object({ id: z.string(), loops: z.string().default('nowhere') })
const Placed = defineEvent('test.placed', { owner: 'loops', pattern: 'notification' })
  .version(1, Item)
  .key(({ id }) => id)
const Place = defineCommand('place', { expose: true, input: Item })
const Ask = defineQuery('ask', { owner: 'loops', expose: true, input: Item, output: z.array(z.string()) })
const All = defineLiveQuery('all', {
  owner: 'loops',
  expose: true,
  input: z.object({}),
  row: z.object({ id: z.string() }),
})
const Send = defineEffect('send', { input: Item, key: ({ id }) => id })

function loopIf(where: string, loops: string): void {
  if (loops !== where) return
  for (let n = 0; ; n++) if (n < 0) return
}

const rows = defineTable('seen')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
// An index that is added to a large table takes long.
const seen = process.env.INDEXED === undefined ? rows : rows.index('id')
const counted = defineTable('counted')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)

const definition = defineService('loops', {
  publishes: [Placed],
  tables: { seen },
  readModels: { counted },
  limits: { crashesMax: 2 },
})
const loops = definition.with({
  place: definition.command(Place, { publishes: [Placed] }, async (item, { publish, tables }) => {
    loopIf('command', item.loops)
    await tables.seen.get(item.id)
    loopIf('command-later', item.loops)
    publish(Placed, item)
  }),
  ask: definition.query(Ask, async ({ loops }, { tables }) => {
    loopIf('query', loops)
    const { rows } = await tables.seen.page()
    loopIf('query-later', loops)
    return rows.map(({ id }) => id)
  }),
  all: definition.live(All, { of: 'seen' }),
  see: definition.on(Placed, async ({ id, loops }, { tables }) => {
    loopIf('handler', loops)
    await new Promise((resolve) => setTimeout(resolve, 1))
    loopIf('handler-later', loops)
    tables.seen.put({ id })
  }),
  count: definition.projection('count', { writes: ['counted'] }).on(Placed, ({ id, loops }, { tables }) => {
    loopIf('projection', loops)
    tables.counted.put({ id })
  }),
  follow: definition
    .process('follow', {
      facts: { begun: fact(Item) },
      initialState: () => ({}),
      evolve: { begun: (state) => state },
      requests: [Send],
    })
    .starts(
      Placed,
      ({ id }) => id,
      (item, { facts, request }) => {
        loopIf('process', item.loops)
        if (item.loops.startsWith('effect')) request(Send, item)
        return facts.begun(item)
      },
    ),
  send: definition.effect(Send, {
    perform: async ({ loops }) => {
      loopIf('effect', loops)
      await new Promise((resolve) => setTimeout(resolve, 1))
      loopIf('effect-later', loops)
    },
  }),
})

export default defineConfig({
  name: 'looping',
  services: [loops],
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  http: { port: 0 },
  watchdog: process.env.WATCHDOG === 'none' ? false : { blockedMsMax: Number(process.env.BLOCKED_MS ?? 500) },
})
