// P8 for what waits in a store: timers and effects set by newer code wait while older code runs, and block nothing but themselves.

import { defineCommand, defineEffect, defineService, defineTable, type Service, timer } from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'

const plain = z.object({ id: z.string() })
const noted = z.object({ id: z.string(), note: z.string() })
const Ask1 = defineEffect('ask', { input: plain, key: ({ id }) => id })
const Ask2 = Ask1.version(2, noted, ({ id }) => ({ id, note: 'none' }))
const Ring1 = timer(plain)
const Ring2 = Ring1.version(2, noted, ({ id }) => ({ id, note: 'none' }))
const SetAll = defineCommand('set-all', { input: plain })
const done = defineTable('done')
  .version(1, z.object({ id: z.string(), what: z.string(), data: z.string() }))
  .key(({ id, what }) => `${what} ${id}`)

/** Sets a timer and an effect for an hour later, and notes what comes of them. */
function clockAt(version: 1 | 2): Service {
  const clock = defineService('clock', {
    tables: { done },
    timers: { ring: (version === 1 ? Ring1 : Ring2) as typeof Ring1 },
    limits: { pollMs: 600_000, retryDelayMsMax: 600_000 },
  })
  const ask = (version === 1 ? Ask1 : Ask2) as typeof Ask1
  const dataOf = (id: string) => (version === 1 ? { id } : { id, note: 'new' })
  return clock.with({
    set: clock.command(SetAll, { requests: [ask] }, ({ id }, { timers, request }) => {
      timers.ring.after(id, { hours: 1 }, dataOf(id))
      request(ask, dataOf(id), { after: { hours: 1 } })
    }),
    ring: clock.due('ring', (data, { tables }) => {
      tables.done.put({ id: data.id, what: 'ring', data: JSON.stringify(data) })
    }),
    ask: clock.effect(ask, {
      perform: () => undefined,
      outcome: (_none, { input, tables }) => {
        tables.done.put({ id: input.id, what: 'ask', data: JSON.stringify(input) })
      },
    }),
  })
}

const setAll = (world: World, id: string) => world.run(world.system.service('clock').command('set-all', { id }))
const allDone = async (world: World) =>
  Object.fromEntries((await rowsOf(world, 'clock', 'done')).map(({ what, id, data }) => [`${what} ${id}`, data]))

promise(
  'P8',
  'timers and effects set by newer code wait while older code runs, and run once when it is back [trap: upcaster, timers]',
  async (kind) => {
    const world = await createWorld(kind, [clockAt(1)])
    await setAll(world, 'old')
    await world.restart([clockAt(2)])
    await setAll(world, 'new')
    await world.restart([clockAt(1)])
    await setAll(world, 'old too')
    await world.advance(2 * 3_600_000)
    const old = '{"id":"old"}'
    const oldToo = '{"id":"old too"}'
    expect(await allDone(world)).toEqual({
      'ring old': old,
      'ask old': old,
      'ring old too': oldToo,
      'ask old too': oldToo,
    })
    const deferred = deferredEvents(world.system.service('clock'))
    expect(deferred.map(({ subscriber }) => subscriber).sort()).toEqual(['effect.ask', 'main'])
    for (const event of deferred)
      expect(event).toMatchObject({ state: 'waiting', error: { code: 'VERSION_FROM_FUTURE' } })
    await world.restart([clockAt(2)])
    await world.settle()
    await world.advance(600_000)
    const again = JSON.stringify({ id: 'new', note: 'new' })
    expect(await allDone(world)).toMatchObject({ 'ring new': again, 'ask new': again })
    expect(deferredEvents(world.system.service('clock'))).toEqual([])
    await world.close()
  },
)
