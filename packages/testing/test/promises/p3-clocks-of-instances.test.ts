// P3 for instances that share a store, on machines whose clocks are an hour wrong: what is due, and what is kept, goes by the clock of the store.

import { defineCommand, defineEvent, defineService, defineTable, timer } from 'tidings'
import type { ServiceRuntime } from 'tidings/runtime'
import { expect } from 'vitest'
import { z } from 'zod'
import { anotherInstance } from './setup/another-instance.ts'
import { type EngineKind, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const pollMs = second

const Alarm = z.object({ to: z.string() })
const SetAlarm = defineCommand('set-alarm', { input: Alarm })
const Tell = defineCommand('tell', { input: Alarm.extend({ slowMs: z.number().default(0) }) })
const Told = defineEvent('test.told', { owner: 'tower', pattern: 'notification' })
  .version(1, Alarm.extend({ now: z.number() }))
  .key(({ to }) => to)
const rung = defineTable('rung')
  .version(1, Alarm.extend({ count: z.number() }))
  .key(({ to }) => to)

interface Ringing {
  readonly to: string
  /** By the clock of the store. */
  readonly at: number
}

interface Bells {
  areStuck: boolean
  pause(ms: number): Promise<void>
}

/** A tower whose bells note when they ring; `cron`: when one tolls. */
function towerWith(cron: string, bells: Bells, ringing: Ringing[], now: () => number) {
  const definition = defineService('tower', {
    publishes: [Told],
    tables: { rung },
    timers: { ring: timer(), toll: timer({ every: { cron } }) },
    limits: { pollMs, retryDelayMs: 10 * second, retryDelayMsMax: 10 * second },
    idempotencyKeepDays: 1,
  })
  return definition.with({
    set: definition.command(SetAlarm, ({ to }, { timers }) => timers.ring.after(to, { minutes: 5 })),
    tell: definition.command(Tell, { publishes: [Told] }, async ({ to, slowMs }, { publish, now: today }) => {
      publish(Told, { to, now: today().getTime() })
      if (slowMs > 0) await bells.pause(slowMs)
    }),
    ring: definition.due('ring', async (_, { timer: { key: to }, tables }) => {
      ringing.push({ to, at: now() })
      if (bells.areStuck) throw new Error('stuck')
      tables.rung.put({ to, count: ((await tables.rung.get(to))?.count ?? 0) + 1 })
    }),
    toll: definition.due('toll', async (_, { tables }) => {
      const to = `toll at ${Math.floor(now() / minute)}`
      tables.rung.put({ to, count: ((await tables.rung.get(to))?.count ?? 0) + 1 })
    }),
  })
}

async function tower(kind: EngineKind, cron = '0 0 1 6 *') {
  const ringing: Ringing[] = []
  const bells: Bells = { areStuck: false, pause: (ms) => world.pause(ms) }
  let now = () => 0
  const world: World = await createWorld(kind, [towerWith(cron, bells, ringing, () => now())])
  now = () => world.clock.now()
  const first = world.system.service('tower')
  const send = (instance: ServiceRuntime, command: string, input: object, idempotencyKey?: string) =>
    world.run(instance.command(command, input, idempotencyKey === undefined ? {} : { idempotencyKey }))
  const rows = async ({ store } = first) => {
    const found = await store.find({ table: 'rung', limit: 1_000 })
    return Object.fromEntries(found.map(({ json }) => [JSON.parse(json).to, JSON.parse(json).count]))
  }
  return { world, first, bells, ringing, send, rows }
}

promise(
  'P9',
  'of two events, the one that is committed later is recorded no earlier, from whichever instance it comes [trap: machine-clocks]',
  async (kind) => {
    const { world, first, send } = await tower(kind)
    const other = await anotherInstance(world, 'tower', -hour)
    const told = ['slow', 'slower', 'a', 'b', 'c']
    const slow = send(other, 'tell', { to: 'slow', slowMs: 5 * second })
    const slower = send(first, 'tell', { to: 'slower', slowMs: 7 * second })
    for (const to of ['a', 'b', 'c']) {
      await world.advance(2 * second)
      await send(to === 'b' ? other : first, 'tell', { to })
    }
    await Promise.all([slow, slower])
    const { events } = await first.store.readEventLog({ after: '', limit: 10 })
    expect(events.map(({ key }) => key).sort()).toEqual(told.sort())
    const times = events.map(({ recordedAt }) => recordedAt)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    await world.run(other.close())
    await world.close()
  },
  sharedEngines,
)

for (const clockWrongMs of [-hour, hour]) {
  const machine = `a machine whose clock is an hour ${clockWrongMs < 0 ? 'behind' : 'ahead'}`

  promise(
    'P3',
    `a timer that is set on ${machine} rings when it is due, and no instance rings it early [trap: machine-clocks]`,
    async (kind) => {
      const { world, first, ringing, send, rows } = await tower(kind)
      const other = await anotherInstance(world, 'tower', clockWrongMs)
      const setAt = world.clock.now()
      await send(other, 'set-alarm', { to: 'set there' })
      await send(first, 'set-alarm', { to: 'set here' })
      await world.advance(5 * minute - 1)
      expect(ringing).toEqual([])
      await world.advance(pollMs + 1)
      expect(await rows()).toMatchObject({ 'set there': 1, 'set here': 1 })
      for (const { at } of ringing) expect(at - setAt).toBeGreaterThanOrEqual(5 * minute)
      await world.run(other.close())
      await world.close()
    },
    sharedEngines,
  )

  promise(
    'P3',
    `a recurring timer goes on, neither twice nor left out, when ${machine} takes over [trap: machine-clocks]`,
    async (kind) => {
      const { world, first, rows } = await tower(kind, '* * * * *')
      const begun = Math.floor(world.clock.now() / minute)
      await world.advance(10 * minute)
      const other = await anotherInstance(world, 'tower', clockWrongMs)
      await world.advance(10 * minute)
      await world.run(first.close())
      await world.advance(10 * minute + pollMs)
      expect(Object.entries(await rows(other)).sort()).toEqual(
        Array.from({ length: 30 }, (_, index) => [`toll at ${begun + 1 + index}`, 1]),
      )
      await world.run(other.close())
      await world.close()
    },
    sharedEngines,
  )

  promise(
    'P3',
    `what has failed is tried again after its delay when ${machine} takes over [trap: machine-clocks]`,
    async (kind) => {
      const { world, first, bells, ringing, send, rows } = await tower(kind)
      bells.areStuck = true
      await send(first, 'set-alarm', { to: 'stuck' })
      await world.advance(5 * minute)
      const failedAt = ringing[0]?.at ?? 0
      await world.run(first.close())
      bells.areStuck = false
      const other = await anotherInstance(world, 'tower', clockWrongMs)
      await world.advance(20 * second)
      const delayMs = (ringing.at(-1)?.at ?? 0) - failedAt
      expect(delayMs).toBeGreaterThanOrEqual(5 * second)
      expect(delayMs).toBeLessThanOrEqual(10 * second + pollMs)
      expect(await rows(other)).toMatchObject({ stuck: 1 })
      await world.run(other.close())
      await world.close()
    },
    sharedEngines,
  )

  promise(
    'P3',
    `an answer is kept for its time, whatever the clock of ${machine} says [trap: machine-clocks]`,
    async (kind) => {
      const { world, first, send } = await tower(kind)
      const other = await anotherInstance(world, 'tower', clockWrongMs)
      await world.advance(30 * minute)
      await send(clockWrongMs < 0 ? other : first, 'tell', { to: 'a' }, 'once')
      const kept = async () => (await rowsOf(world, 'tower', 'tidings.answers')).length
      // The store's clock goes on at once, so that not all of these hours have to pass.
      world.clock.setNow(world.clock.now() + 23 * hour)
      await world.advance(31 * minute)
      expect(await kept()).toBe(1)
      await world.advance(hour)
      expect(await kept()).toBe(0)
      await world.run(other.close())
      await world.close()
    },
    sharedEngines,
  )

  promise(
    'P9',
    `an event that is published on ${machine} has the time of the store, and so has the function that publishes it [trap: machine-clocks]`,
    async (kind) => {
      const { world, first, send } = await tower(kind)
      const other = await anotherInstance(world, 'tower', clockWrongMs)
      const before = world.clock.now()
      await send(other, 'tell', { to: 'a' })
      const { events } = await first.store.readEventLog({ after: '', limit: 10 })
      for (const { occurredAt, recordedAt, data } of events)
        for (const time of [occurredAt, recordedAt, JSON.parse(data ?? '').now]) {
          expect(time).toBeGreaterThanOrEqual(before)
          expect(time).toBeLessThanOrEqual(world.clock.now())
        }
      expect(events).toHaveLength(1)
      await world.run(other.close())
      await world.close()
    },
    sharedEngines,
  )
}
