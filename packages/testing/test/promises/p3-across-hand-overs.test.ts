// P2 and P3 for what goes on while work changes hands: a query that waits for a read token, and a clock that is ticked by hand in two instances.

import { defineCommand, defineEvent, defineQuery, defineService, defineTable, timer } from 'tidings'
import type { ServiceRuntime } from 'tidings/runtime'
import { expect } from 'vitest'
import { z } from 'zod'
import { delayedInstance } from './setup/delayed-instance.ts'
import { sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { suspendableInstance } from './setup/suspendable-instance.ts'
import { createWorld } from './setup/world.ts'

const leaseMs = 10_000
const Sold = defineEvent('test.sold', { owner: 'till', pattern: 'notification' })
  .version(1, z.object({ what: z.string() }))
  .key(({ what }) => what)
const Sell = defineCommand('sell', { input: z.object({ what: z.string() }) })
const SoldCount = defineQuery('sold-count', {
  owner: 'till',
  input: z.object({ what: z.string() }),
  output: z.object({ count: z.number() }),
})
const countsOf = (name: string) =>
  defineTable(name)
    .version(1, z.object({ what: z.string(), count: z.number() }))
    .key(({ what }) => what)

/** Sells, counts what was sold, and closes a sale by a timer. */
function tillWith(onCount: () => Promise<void> | void = () => {}) {
  const till = defineService('till', {
    publishes: [Sold],
    tables: { closed: countsOf('closed') },
    readModels: { counts: countsOf('counts') },
    timers: { close: timer(z.object({ what: z.string() })) },
    limits: { minimumPositionTimeoutMs: 60_000, readAfterTimeoutMs: 60_000 },
  })
  return till.with({
    sell: till.command(Sell, { publishes: [Sold] }, ({ what }, { publish, timers }) => {
      publish(Sold, { what })
      timers.close.after(what, { minutes: 1 }, { what })
    }),
    counts: till.projection('counts', { writes: ['counts'] }).on(Sold, async ({ what }, { tables }) => {
      await onCount()
      tables.counts.put({ what, count: ((await tables.counts.get(what))?.count ?? 0) + 1 })
    }),
    count: till.query(SoldCount, async ({ what }, { readModels }) => ({
      count: (await readModels.counts.get(what))?.count ?? 0,
    })),
    close: till.due('close', async ({ what }, { tables }) => {
      tables.closed.put({ what, count: ((await tables.closed.get(what))?.count ?? 0) + 1 })
    }),
  })
}

const holds = ({ status: { instance } }: ServiceRuntime, group: string) => instance?.groups.includes(group) === true

promise(
  'P3',
  'a query that waits for a read token is answered although the read model goes to another instance meanwhile, by death or by hand',
  async (kind) => {
    for (const end of ['dies', 'closes'] as const) {
      const { promise: stuck, resolve: release } = Promise.withResolvers<void>()
      let isStuck = true
      const till = tillWith(() => (isStuck ? stuck : undefined))
      const world = await createWorld(kind, [till])
      await world.advance(1_000)
      await world.run(world.system.service('till').close())
      const instances = [
        await suspendableInstance(world, till, 'first'),
        await suspendableInstance(world, till, 'second'),
      ]
      await world.advance(3_000)
      const holder = instances.find(({ runtime }) => holds(runtime, 'read-model/projection.counts'))
      const asking = instances.find((each) => each !== holder)?.runtime
      if (holder === undefined || asking === undefined) throw new Error('Nobody holds the read model.')
      await world.run(asking.command('sell', { what: 'tea' }))
      const position = '0000000000000001'
      const { epoch } = asking.store
      const after = `1:till:${encodeURIComponent(epoch)}:1:0`
      const answers = [{ minimumPosition: { epoch, position } }, { after }].map((options) =>
        asking.query('sold-count', { what: 'tea' }, options),
      )
      await world.advance(1_000)
      isStuck = false
      if (end === 'dies') holder.lifetime.kill()
      else void holder.runtime.close()
      release()
      expect(await world.run(Promise.all(answers)), end).toEqual([{ count: 1 }, { count: 1 }])
      await world.advance(2 * leaseMs)
      expect(holds(asking, 'read-model/projection.counts')).toBe(true)
      await world.run(asking.close())
      await world.close()
    }
  },
  sharedEngines,
)

promise(
  'P3',
  'two instances that are ticked by hand at the same moment fire each timer once',
  async (kind) => {
    const world = await createWorld(kind, [tillWith()])
    await world.run(world.system.service('till').close())
    const start = async (instance: string) => {
      const started = await world.run(delayedInstance(world, 'till', { instance, ticked: true }))
      if (started === undefined) throw new Error('The world was killed.')
      return started
    }
    const [one, other] = [await start('one'), await start('other')]
    for (const what of ['tea', 'salt', 'rice']) await world.run(one.command('sell', { what }))
    await world.advance(2 * 60_000)
    const closed = async () =>
      (await one.store.find({ table: 'closed', limit: 10 })).map(({ json }) => JSON.parse(json))
    expect(await closed(), 'nothing is moved before the tick').toEqual([])
    const moved = await world.run(Promise.all([one.tick(), other.tick()]))
    expect((moved?.[0] ?? 0) + (moved?.[1] ?? 0)).toBe(3)
    await world.advance(leaseMs)
    expect(await closed()).toEqual(['rice', 'salt', 'tea'].map((what) => ({ what, count: 1 })))
    for (const runtime of [one, other]) await world.run(runtime.close())
    await world.close()
  },
  sharedEngines,
)
