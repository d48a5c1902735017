// P3 again: a timer fires once in effect, whatever crashes when; of cancelling and firing, the first commit wins.

import {
  defineCommand,
  defineEffect,
  defineEvent,
  defineService,
  defineTable,
  type Limits,
  type Service,
  timer,
} from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { killSweep } from './setup/kill-sweep.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { publishedBy, rowsOf } from './systems/fulfilment.ts'

const id = z.object({ id: z.string() })
const rings = defineTable('rings')
  .version(1, z.object({ id: z.string(), times: z.number(), attempts: z.number() }))
  .key((row) => row.id)
const Rang = defineEvent('test.rang', { owner: 'clockwork', pattern: 'notification' })
  .version(1, id)
  .key((rang) => rang.id)
const Wind = defineCommand('wind', { input: z.object({ id: z.string(), seconds: z.number() }) })
const Stop = defineCommand('stop', { input: id })

const Oil = defineEffect('oil', { input: id, key: (input) => input.id })

/** A service whose timers ring once for each time they are wound; `fail` makes the first attempts fail. */
function clockworkWith(fail: () => boolean = () => false, limits: Partial<Limits> = {}): Service {
  const clockwork = defineService('clockwork', {
    publishes: [Rang],
    tables: { rings },
    timers: { ring: timer(id) },
    limits: { retryDelayMs: 1_000, retryDelayMsMax: 1_000, attemptsMax: 50, ...limits },
  })
  return clockwork.with({
    wind: clockwork.command(Wind, ({ id: key, seconds }, { timers }) =>
      timers.ring.after(key, { seconds }, { id: key }),
    ),
    stop: clockwork.command(Stop, ({ id: key }, { timers }) => timers.ring.cancel(key)),
    oil: clockwork.effect(Oil, { perform: () => {} }),
    ring: clockwork.due('ring', { publishes: [Rang] }, async ({ id: key }, { tables, publish }) => {
      const before = await tables.rings.get(key)
      if (fail()) throw new Error('not yet')
      tables.rings.put({ id: key, times: (before?.times ?? 0) + 1, attempts: 0 })
      publish(Rang, { id: key })
    }),
  })
}

const wind = (world: World, key: string, seconds: number) =>
  world.run(world.system.service('clockwork').command('wind', { id: key, seconds }))
const rung = async (world: World) =>
  Object.fromEntries((await rowsOf(world, 'clockwork', 'rings')).map((row) => [row.id, row.times]))

async function killedAroundTimers(kind: EngineKind, spoil?: Between['spoil']): Promise<void> {
  const services = [clockworkWith()]
  await killSweep(
    kind,
    {
      services: () => services,
      prepare: async (world) => {
        await wind(world, 'a', 10)
        await wind(world, 'b', 20)
        await wind(world, 'past', 0)
        await world.settle()
      },
      run: async (world) => {
        await world.advance(60_000)
        if (!world.dead) await world.settle()
      },
      outcome: async (world) => {
        const outcome = { rung: await rung(world), published: (await publishedBy(world, 'clockwork')).length }
        expect(outcome, 'each once').toEqual({ rung: { a: 1, b: 1, past: 1 }, published: 3 })
        return outcome
      },
    },
    kind.name === 'SQLite' ? 3 : 1,
    spoil,
  )
}

promise('P3', 'killed at any commit, a timer fires once, neither lost nor doubled [trap: timers]', (kind) =>
  killedAroundTimers(kind),
)
brokenPromise('P3', 'an engine that loses what has come due', (kind) =>
  killedAroundTimers(kind, (unit) => ({
    ...unit,
    rows: unit.rows.filter(({ table, row }) => table !== 'tidings.queues' || row === null),
  })),
)

promise(
  'P3',
  'a timer that is cancelled or set again after it came due does not fire for its earlier setting [trap: timers]',
  async (kind) => {
    let failing = true
    const world = await createWorld(kind, [clockworkWith(() => failing)])
    for (const key of ['cancelled', 'again', 'kept']) await wind(world, key, 1)
    // They have come due, failed, and are retried.
    await world.advance(5_000)
    expect(await rung(world)).toEqual({})
    await world.run(world.system.service('clockwork').command('stop', { id: 'cancelled' }))
    await wind(world, 'again', 3_600)
    failing = false
    await world.advance(60_000)
    expect(await rung(world)).toEqual({ kept: 1 })
    await world.advance(3_600_000)
    expect(await rung(world)).toEqual({ again: 1, kept: 1 })
    await world.close()
  },
)

promise(
  'P3',
  'a timer that is cancelled or set again while it is moved to its subscriber does not fire for its earlier setting [trap: timers]',
  async (kind) => {
    let armed = false
    // With as many due as a batch may have, they are moved, so that no effect has to wait for them.
    const world: World = await createWorld(kind, [clockworkWith(undefined, { batchCountMax: 3 })], {
      // Between reading what is due and the commit that moves it.
      holdCommit: ({ unit }) => {
        if (!armed || !unit.rows.some(({ table, row }) => table === 'tidings.queues' && row !== null)) return undefined
        armed = false
        const service = world.system.service('clockwork')
        return Promise.all([
          service.command('stop', { id: 'cancelled' }),
          service.command('wind', { id: 'again', seconds: 3_600 }),
        ])
      },
    })
    for (const key of ['cancelled', 'again', 'kept']) await wind(world, key, 1)
    armed = true
    await world.advance(60_000)
    expect(armed, 'it was moved').toBe(false)
    expect(await rung(world)).toEqual({ kept: 1 })
    await world.advance(3_600_000)
    expect(await rung(world)).toEqual({ again: 1, kept: 1 })
    await world.close()
  },
)

promise('P3', 'a clock that jumps forwards and back leaves a timer due once [trap: timers]', async (kind) => {
  const world = await createWorld(kind, [clockworkWith()])
  await wind(world, 'a', 600)
  await wind(world, 'b', 7_200)
  world.clock.setNow(world.clock.now() + 3_600_000)
  await world.advance(2_000)
  expect(await rung(world)).toEqual({ a: 1 })
  world.clock.setNow(world.clock.now() - 3_600_000)
  await world.advance(2_000)
  await world.restart()
  await world.settle()
  expect(await rung(world)).toEqual({ a: 1 })
  await world.advance(7_300_000)
  expect(await rung(world)).toEqual({ a: 1, b: 1 })
  expect(await publishedBy(world, 'clockwork')).toHaveLength(2)
  await world.close()
})
