// P2 and P3 for instances that share a store: each piece of work has one of them that does it, and it is done once, also while instances come and go.

import { defineCommand, defineEffect, defineEvent, defineService, defineTable } from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import { type EngineKind, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createSharedWorld, type SharedWorld } from './setup/shared-world.ts'

const Item = z.object({ id: z.string() })
const byId = ({ id }: z.infer<typeof Item>) => id
const Many = defineCommand('many', { input: z.object({ from: z.int(), count: z.int() }) })
const ids = ({ from, count }: { from: number; count: number }) =>
  Array.from({ length: count }, (_, index) => `i-${from + index}`)

/** Sends what is to be done in batches of fifty, to one instance after the other. */
async function sendAll(world: SharedWorld, service: string, count: number, between = async (_sent: number) => {}) {
  for (let from = 0; from < count; from += 50) {
    const instances = world.instancesOf(service)
    const instance = instances[(from / 50) % instances.length]
    await world.run(instance?.command('many', { from, count: 50 }) ?? Promise.reject(new Error('Nothing runs.')))
    await between(from + 50)
  }
}

const charges = defineTable('charges').version(1, Item).key(byId)
const Charge = defineEffect('charge', { input: Item, key: byId })

function till(performed: string[]) {
  const definition = defineService('till', { tables: { charges } })
  return definition.with({
    many: definition.command(Many, { requests: [Charge] }, (input, { request }) => {
      for (const id of ids(input)) request(Charge, { id })
    }),
    charge: definition.effect(Charge, {
      perform: ({ id }) => {
        performed.push(id)
      },
      outcome: (_, { input, tables }) => tables.charges.put(input),
    }),
  })
}

async function allCharged(world: SharedWorld) {
  await world.until(async () => {
    const charged = await Promise.all(world.instancesOf('till').map(({ store }) => store.count('charges')))
    return charged.every((count) => count === 300)
  })
}

for (const count of [2, 3]) {
  promise(
    'P3',
    `300 effects are performed 300 times with ${count} instances [trap: performed-again]`,
    async (kind: EngineKind) => {
      const performed: string[] = []
      const names = ['a', 'b', 'c'].slice(0, count)
      const world = await createSharedWorld(kind, [till(performed)], names)
      await sendAll(world, 'till', 300)
      await allCharged(world)
      expect(performed).toHaveLength(300)
      expect(new Set(performed).size).toBe(300)
      await world.close()
    },
    sharedEngines,
  )
}

promise(
  'P3',
  '300 effects are performed 300 times while instances join and leave [trap: performed-again]',
  async (kind) => {
    const performed: string[] = []
    const world = await createSharedWorld(kind, [till(performed)], ['a'])
    await sendAll(world, 'till', 300, async (sent) => {
      if (sent === 100) await world.start('b')
      if (sent === 200) await world.start('c')
      if (sent === 250) await world.stop('a')
      await world.advance(700)
    })
    await allCharged(world)
    expect(performed).toHaveLength(300)
    expect(new Set(performed).size).toBe(300)
    await world.close()
  },
  sharedEngines,
)

const Counted = defineEvent('press.counted', { owner: 'press', pattern: 'notification' }).version(1, Item).key(byId)
const Noted = defineEvent('desk.noted', { owner: 'desk', pattern: 'notification' }).version(1, Item).key(byId)
const counts = defineTable('counts')
  .version(1, z.object({ what: z.string(), count: z.int() }))
  .key(({ what }) => what)

/** A service that publishes, and one that reads it and counts what it heard and what it published itself. */
function readers(handled: string[]) {
  const press = defineService('press', { publishes: [Counted] })
  const desk = defineService('desk', { publishes: [Noted], readModels: { counts } })
  return [
    press.with({
      many: press.command(Many, { publishes: [Counted] }, (input, { publish }) => {
        for (const id of ids(input)) publish(Counted, { id })
      }),
    }),
    desk.with({
      many: desk.command(Many, { publishes: [Noted] }, (input, { publish }) => {
        for (const id of ids(input)) publish(Noted, { id })
      }),
      hear: desk.on(Counted, ({ id }) => {
        handled.push(id)
      }),
      counts: desk
        .projection('counts', { writes: ['counts'] })
        .on(Counted, async (_, { tables }) => {
          const before = await tables.counts.get('all')
          tables.counts.put({ what: 'all', count: (before?.count ?? 0) + 1 })
        })
        .on(Noted, async (_, { tables }) => {
          const before = await tables.counts.get('all')
          tables.counts.put({ what: 'all', count: (before?.count ?? 0) + 1 })
        }),
    }),
  ]
}

const countOf = async (world: SharedWorld) => {
  const [desk] = world.instancesOf('desk')
  const row = await desk?.store.get('counts@1', 'all')
  return row === undefined ? 0 : (JSON.parse(row.json) as { count: number }).count
}

promise(
  'P3',
  '2,000 events are handled 2,000 times with two instances',
  async (kind) => {
    const handled: string[] = []
    const world = await createSharedWorld(kind, readers(handled), ['a', 'b'])
    await sendAll(world, 'press', 2_000)
    await world.until(() => handled.length >= 2_000)
    await world.advance(30_000)
    expect(handled).toHaveLength(2_000)
    expect(new Set(handled).size).toBe(2_000)
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'a read model of two sources counts every event once with two instances',
  async (kind) => {
    const world = await createSharedWorld(kind, readers([]), ['a', 'b'])
    await Promise.all([sendAll(world, 'press', 1_500), sendAll(world, 'desk', 1_500)])
    await world.until(async () => (await countOf(world)) >= 3_000)
    await world.advance(30_000)
    expect(await countOf(world)).toBe(3_000)
    await world.close()
  },
  sharedEngines,
)

const crashes = (world: SharedWorld) => world.lines.filter(({ message }) => message === 'The previous run crashed')

promise(
  'P5',
  'an instance that starts beside another does not believe that a run has crashed',
  async (kind) => {
    const world = await createSharedWorld(kind, readers([]), ['a', 'b'])
    await world.start('c')
    await world.advance(60_000)
    expect(crashes(world)).toEqual([])
    await world.stop('b')
    await world.start('b')
    expect(crashes(world)).toEqual([])
    await world.close()
  },
  sharedEngines,
)
