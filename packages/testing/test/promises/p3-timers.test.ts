// P3 Once in effect, for timers: each fires once, whatever crashes when, however late, and whatever the clock does.

import { timerValues } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { killSweep } from './setup/kill-sweep.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { type AlarmOptions, alarmsWith, ringing, rings, setAlarm } from './systems/alarms.ts'
import { rowsOf, send } from './systems/fulfilment.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

async function swept(kind: EngineKind, smuggled = false): Promise<void> {
  let world: World
  // A function that counts outside its unit of work.
  const onRing = async ({ to }: { to: string }) => {
    if (!smuggled) return
    const { store } = world.system.service('alarms')
    const { revision = 0 } = (await store.get('rung', `also ${to}`)) ?? {}
    const json = JSON.stringify({ to: `also ${to}`, count: revision })
    await store.commit({
      checks: [],
      appends: [],
      events: [],
      rows: [{ table: 'rung', key: `also ${to}`, row: { schemaVersion: 1, json, columns: [] } }],
    })
  }
  await killSweep(
    kind,
    {
      services: () => [alarmsWith({ onRing })],
      prepare: async (prepared) => {
        world = prepared
      },
      run: async (running) => {
        world = running
        await setAlarm(running, { to: 'a', afterMs: minute }, 'a')
        await setAlarm(running, { to: 'b', afterMs: minute }, 'b')
        await setAlarm(running, { to: 'c', afterMs: 2 * minute }, 'c')
        await running.advance(3 * minute)
      },
      outcome: async (ended) => {
        const rows = await rings(ended)
        if (!smuggled) expect(rows, 'each once').toEqual({ a: 1, b: 1, c: 1 })
        const left = await rowsOf(ended, 'alarms', 'tidings.agenda')
        const queued = await rowsOf(ended, 'alarms', 'tidings.queues')
        return { rows, published: (await ringing(ended)).map(({ to }) => to).sort(), left, queued }
      },
    },
    3,
  )
}

promise('P3', 'killed at any commit, a timer fires once in effect', (kind) => swept(kind))
brokenPromise('P3', 'a timer’s function that writes outside its unit of work', (kind) => swept(kind, true))

async function longPastDue(kind: EngineKind, options: AlarmOptions = {}): Promise<void> {
  const world = await createWorld(kind, [alarmsWith(options)])
  await setAlarm(world, { to: 'a', afterMs: minute, note: 'tea' })
  world.kill()
  await world.advance(10 * day)
  await world.restart()
  await world.settle()
  const [late, ...more] = await ringing(world)
  expect(late).toMatchObject({ to: 'a', note: 'tea', missed: 0 })
  expect(late?.lateMs).toBeGreaterThanOrEqual(10 * day - minute)
  expect(late?.lateMs).toBeLessThan(10 * day)
  expect(more).toEqual([])
  await world.restart()
  await world.advance(day)
  expect(await rings(world), 'not again after another start').toEqual({ a: 1 })
  await world.close()
}

promise(
  'P3',
  'a timer that came due while the service was down fires once, and knows how late it is [trap: timers]',
  (kind) => longPastDue(kind),
)
brokenPromise('P3', 'a service that skips what is late', (kind) =>
  longPastDue(kind, {
    onRing: ({ lateMs }) => {
      if (lateMs > hour) throw new Error('too late')
    },
    limits: { attemptsMax: 1 },
  }),
)

async function cancelFirst(kind: EngineKind, between: Between = {}): Promise<void> {
  let open: (() => void) | undefined
  // The first time, it waits until the test continues it.
  const onRing = () =>
    new Promise<void>((resolve) => {
      if (open !== undefined) resolve()
      open ??= resolve
    })
  const world = await createWorld(kind, [alarmsWith({ onRing })], between)
  await setAlarm(world, { to: 'a', afterMs: minute })
  await world.advance(minute + 10)
  expect(open, 'it is firing').toBeDefined()
  await send(world, 'alarms', 'cancel-alarm', { to: 'a' })
  open?.()
  await world.settle()
  expect(await rings(world), 'cancelled before it was committed').toEqual({})
  await world.close()
}

promise('P3', 'a timer that is cancelled before its firing is committed does not fire', (kind) => cancelFirst(kind))
brokenPromise('P3', 'an engine that does not check what was read', (kind) =>
  cancelFirst(kind, { spoil: (unit) => ({ ...unit, checks: [] }) }),
)

promise('P3', 'a timer whose firing is committed before it is cancelled has fired', async (kind) => {
  const world = await createWorld(kind, [alarmsWith()])
  await setAlarm(world, { to: 'a', afterMs: minute })
  await world.advance(minute + 10)
  await world.settle()
  await send(world, 'alarms', 'cancel-alarm', { to: 'a' })
  await world.settle()
  expect(await rings(world)).toEqual({ a: 1 })
  // A timer that is set again while it fires is a new one.
  await setAlarm(world, { to: 'a', afterMs: minute, note: 'second' })
  await world.advance(2 * minute)
  expect((await ringing(world)).map(({ note }) => note)).toEqual(['', 'second'])
  await world.close()
})

promise('P3', 'a timer that is cancelled while it is due and waits for its subscriber does not fire', async (kind) => {
  let fired = false
  let moved = false
  const world: World = await createWorld(kind, [alarmsWith()], {
    beforeCommit: ({ unit }, kill) => {
      if (fired || !unit.rows.some(({ table, row }) => table === 'tidings.agenda' && row === null)) return
      fired = true
      kill()
    },
    // What was due when the process ended is moved at the next start.
    afterCommit: ({ unit }, kill) => {
      if (moved || !unit.rows.some(({ table, row }) => table === 'tidings.queues' && row !== null)) return
      moved = true
      kill()
    },
  })
  await setAlarm(world, { to: 'a', afterMs: minute })
  await world.advance(minute)
  expect(world.dead, 'killed while it fired').toBe(true)
  await world.restart()
  expect(moved, 'killed when it was moved into the queue').toBe(true)
  const answer = world.run(world.system.service('alarms').command('cancel-alarm', { to: 'a' }))
  await answer
  await world.settle()
  expect([{}, { a: 1 }]).toContainEqual(await rings(world))
  expect(await rowsOf(world, 'alarms', 'tidings.queues')).toEqual([])
  expect(await rowsOf(world, 'alarms', 'tidings.agenda')).toEqual([])
  await world.close()
})

async function replaced(kind: EngineKind, options: AlarmOptions = {}): Promise<void> {
  const world = await createWorld(kind, [alarmsWith(options)])
  await setAlarm(world, { to: 'a', afterMs: minute, note: 'first' })
  await world.advance(30_000)
  await setAlarm(world, { to: 'a', afterMs: 2 * minute, note: 'second' })
  expect(await timerValues(world.system.service('alarms'))).toHaveLength(1)
  await world.advance(2 * minute - 1_000)
  expect(await rings(world)).toEqual({})
  await world.advance(2_000)
  expect((await ringing(world)).map(({ note, lateMs }) => [note, lateMs])).toEqual([['second', 0]])
  await world.close()
}

promise('P3', 'a timer that is set again replaces its earlier setting', (kind) => replaced(kind))
brokenPromise('P3', 'a service that sets another one each time', (kind) =>
  replaced(kind, { keyOf: (to, note) => `${to}-${note}` }),
)

async function sixtyDays(kind: EngineKind, options: AlarmOptions = {}): Promise<void> {
  const world = await createWorld(kind, [alarmsWith(options)])
  const setAt = world.clock.now()
  await setAlarm(world, { to: 'a', afterMs: 60 * day })
  await world.advance(setAt + 60 * day - 1 - world.clock.now())
  expect(await rings(world), 'not a millisecond too soon').toEqual({})
  await world.advance(2)
  expect((await ringing(world)).map(({ lateMs }) => lateMs)).toEqual([0])
  await world.close()
}

promise('P3', 'a timer of 60 days (more than 2^31 milliseconds) fires then, and not before [trap: timers]', (kind) =>
  sixtyDays(kind),
)
brokenPromise('P3', 'a service that counts in 32 bits', (kind) =>
  sixtyDays(kind, { durationOf: (ms) => Math.abs(ms | 0) }),
)

async function jumps(kind: EngineKind, options: AlarmOptions = {}): Promise<void> {
  const world = await createWorld(kind, [alarmsWith({ limits: { pollMs: 1_000 }, ...options })])
  await setAlarm(world, { to: 'a', afterMs: 5 * minute })
  world.clock.setNow(world.clock.now() + 20 * minute)
  await world.advance(1_001)
  expect(await rings(world), 'put forward: noticed within pollMs').toEqual({ a: 1 })
  await setAlarm(world, { to: 'b', afterMs: 5 * minute })
  await world.advance(minute)
  world.clock.setNow(world.clock.now() - hour)
  await world.advance(5 * minute)
  expect(await rings(world), 'put back: due when the clock says so').toEqual({ a: 1 })
  await world.advance(hour)
  expect(await rings(world)).toEqual({ a: 1, b: 1 })
  world.clock.setNow(world.clock.now() - 3 * hour)
  await world.advance(4 * hour)
  expect(await rings(world), 'once, although its moment comes again').toEqual({ a: 1, b: 1 })
  await world.close()
}

promise('P3', 'a clock that jumps forward and back makes a timer late, and never fires it twice', (kind) => jumps(kind))
brokenPromise('P3', 'a service that does not look at the clock', (kind) => jumps(kind, { limits: { pollMs: day } }))

async function retriedAfterJump(kind: EngineKind): Promise<void> {
  let tries = 0
  const onRing = () => {
    tries++
    if (tries < 3) throw new Error('not yet')
  }
  const world = await createWorld(kind, [alarmsWith({ onRing, limits: { pollMs: 1_000, retryDelayMsMax: 5_000 } })])
  await setAlarm(world, { to: 'a', afterMs: minute })
  await world.advance(minute + 1)
  expect(tries).toBe(1)
  world.clock.setNow(world.clock.now() - day)
  await world.advance(15_000)
  expect(await rings(world), 'a retry does not wait for the clock to come round again').toEqual({ a: 1 })
  await world.close()
}

promise('P5', 'a retry comes within its longest delay although the clock is set back by a day', retriedAfterJump)

const zones = [
  // The clocks go forward at 02:00 on 29 March, back at 03:00 on 25 October.
  {
    timeZone: 'Europe/Berlin',
    cron: '30 2 * * *',
    from: '2026-03-28T00:00Z',
    at: ['03-28T01:30', '03-29T01:00', '03-30T00:30'],
  },
  {
    timeZone: 'Europe/Berlin',
    cron: '30 2 * * *',
    from: '2026-10-24T00:00Z',
    at: ['10-24T00:30', '10-25T00:30', '10-26T01:30'],
  },
  // Forward at 02:00 on 8 March, back at 02:00 on 1 November.
  {
    timeZone: 'America/New_York',
    cron: '30 2 * * *',
    from: '2026-03-07T00:00Z',
    at: ['03-07T07:30', '03-08T07:00', '03-09T06:30'],
  },
  {
    timeZone: 'America/New_York',
    cron: '30 1 * * *',
    from: '2026-10-31T00:00Z',
    at: ['10-31T05:30', '11-01T05:30', '11-02T06:30'],
  },
  // Half an hour of daylight saving: forward at 02:00 on 4 October, back at 02:00 on 5 April.
  {
    timeZone: 'Australia/Lord_Howe',
    cron: '15 2 * * *',
    from: '2026-10-02T12:00Z',
    at: ['10-02T15:45', '10-03T15:30', '10-04T15:15'],
  },
  {
    timeZone: 'Australia/Lord_Howe',
    cron: '45 1 * * *',
    from: '2026-04-03T00:00Z',
    at: ['04-03T14:45', '04-04T14:45', '04-05T15:15'],
  },
]

async function daylight(kind: EngineKind, zoned = true): Promise<void> {
  for (const { timeZone, cron, from, at } of zones) {
    const moments: string[] = []
    const onRing = () => moments.push(new Date(world.clock.now()).toISOString().slice(5, 16))
    const world: World = await createWorld(kind, [alarmsWith({ onRing, limits: { pollMs: hour } })])
    world.clock.setNow(Date.parse(from))
    await setAlarm(world, { to: 'a', every: { cron, ...(zoned ? { timeZone } : {}) } })
    await world.advance(3 * day)
    expect(moments, `${timeZone} from ${from}`).toEqual(at)
    await world.close()
  }
}

promise('P3', 'a daily timer fires once on the days when the clocks change [trap: timers]', (kind) => daylight(kind))
brokenPromise('P3', 'a service that forgets its time zone', (kind) => daylight(kind, false))

promise('P3', 'missed occurrences fire as one [trap: timers]', async (kind) => {
  const world = await createWorld(kind, [alarmsWith()])
  world.clock.setNow(Date.parse('2026-05-01T00:00Z'))
  await setAlarm(world, { to: 'a', every: { cron: '0 9 * * *' }, note: 'daily' })
  world.kill()
  await world.advance(5 * day)
  await world.restart()
  await world.settle()
  expect(await ringing(world)).toMatchObject([{ note: 'daily', missed: 4, lateMs: 5 * day - 9 * hour }])
  await world.advance(day)
  expect(await ringing(world)).toMatchObject([{}, { note: 'daily', missed: 0, lateMs: 0 }])
  await send(world, 'alarms', 'cancel-alarm', { to: 'a' })
  await world.advance(3 * day)
  expect(await rings(world)).toEqual({ a: 2 })
  await world.close()
})
