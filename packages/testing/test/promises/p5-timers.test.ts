// P1, P4 and P5 for timers: set with everything else or not at all, in the order they are due, and a poisoned one blocks only its own key.

import { deferredEvents, listTimers, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { type AlarmOptions, alarmsWith, ringing, rings, setAlarm } from './systems/alarms.ts'
import { rowsOf } from './systems/fulfilment.ts'

const minute = 60_000

async function together(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [alarmsWith()], between)
  const failed = await setAlarm(world, { to: 'a', afterMs: minute, thenFail: true })?.catch((error: unknown) => error)
  expect(failed).toMatchObject({ message: 'after all' })
  expect(await rowsOf(world, 'alarms', 'rung')).toEqual([])
  expect(await rowsOf(world, 'alarms', 'tidings.agenda')).toEqual([])
  await setAlarm(world, { to: 'b', afterMs: minute })
  expect(await rowsOf(world, 'alarms', 'rung')).toHaveLength(1)
  expect(await rowsOf(world, 'alarms', 'tidings.agenda')).toHaveLength(1)
  await world.advance(2 * minute)
  expect(await rings(world)).toEqual({ b: 1 })
  await world.close()
}

promise('P1', 'a timer is set with the rows of its unit of work, or not at all', (kind) => together(kind))
brokenPromise('P1', 'an engine that leaves timers out', (kind) =>
  together(kind, { spoil: (unit) => ({ ...unit, rows: unit.rows.filter(({ table }) => table !== 'tidings.agenda') }) }),
)

async function inOrder(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [alarmsWith({ limits: { batchCountMax: 7 } })], between)
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
  for (const to of keys) {
    await setAlarm(world, { to, name: 'chime', afterMs: 2 * minute })
    await setAlarm(world, { to, name: 'ring', afterMs: minute })
  }
  world.kill()
  await world.advance(10 * minute)
  await world.restart()
  await world.settle()
  const order = await ringing(world)
  expect(order).toHaveLength(40)
  for (const key of keys)
    expect(
      order.filter(({ to }) => to === key).map(({ name }) => name),
      key,
    ).toEqual(['ring', 'chime'])
  await world.close()
}

promise(
  'P4',
  'timers of one key that are due together fire in the order of their due times, in batches of any size',
  (kind) => inOrder(kind),
)
brokenPromise('P4', 'an engine that loses the due times', (kind) =>
  inOrder(kind, {
    spoil: (unit) => ({
      ...unit,
      rows: unit.rows.map((write) =>
        write.table === 'tidings.agenda' && write.row !== null && !write.row.json.startsWith('{"claimed"')
          ? { ...write, row: { ...write.row, columns: [0] } }
          : write,
      ),
    }),
  }),
)

async function poisoned(kind: EngineKind, options: AlarmOptions = {}): Promise<void> {
  let fixed = false
  const onRing = ({ to, name }: { to: string; name: string }) => {
    if (to === 'a' && name === 'ring' && !fixed) throw new Error('a cannot ring')
  }
  const world: World = await createWorld(kind, [alarmsWith({ onRing, limits: { attemptsMax: 2 }, ...options })])
  for (const to of ['a', 'b', 'c']) await setAlarm(world, { to, afterMs: minute })
  await setAlarm(world, { to: 'a', name: 'chime', afterMs: 2 * minute })
  await world.advance(5 * minute)
  await world.settle()
  expect(await rings(world), 'all others fire, also the other timer of its key').toEqual({ a: 1, b: 1, c: 1 })
  const deferred = () =>
    deferredEvents(world.system.service('alarms')).map(({ type, key, state }) => `${type} ${key} ${state}`)
  expect(deferred()).toEqual(['ring a parked'])
  await world.restart()
  expect(deferred(), 'kept over a restart').toEqual(['ring a parked'])
  fixed = true
  await world.run(redrive(world.system.service('alarms'), { key: 'a' }, { dryRun: false }))
  await world.settle()
  expect((await ringing(world)).filter(({ to }) => to === 'a').map(({ name }) => name)).toEqual(['chime', 'ring'])
  expect(deferred()).toEqual([])
  expect(await rowsOf(world, 'alarms', 'tidings.queues')).toEqual([])
  await world.close()
}

promise(
  'P5',
  'a timer that fails is parked alone; all others fire, also those of its key with another name [trap: recurrence-lost]',
  (kind) => poisoned(kind),
)
brokenPromise('P5', 'a service that swallows what fails', (kind) => poisoned(kind, { onRing: () => {} }))

const hour = 60 * minute
const hourly = { to: 'a', every: { cron: '0 * * * *' } }
const alarms = (world: World) => world.system.service('alarms')

promise(
  'P5',
  'a run of a recurring timer that fails is parked, visible and redrivable, and the next one comes [trap: recurrence-lost]',
  async (kind) => {
    let failing = true
    const onRing = () => {
      if (failing) throw new Error('cannot ring')
    }
    const world: World = await createWorld(kind, [alarmsWith({ onRing, limits: { attemptsMax: 3 } })])
    const start = Math.floor(world.clock.now() / hour)
    await setAlarm(world, hourly)
    await world.advance(hour + minute)
    expect(deferredEvents(alarms(world))).toMatchObject([{ type: 'ring', state: 'parked', attempts: 3 }])
    const listed = async () =>
      (await listTimers(alarms(world))).timers.map(({ state, dueAt }) => [state, dueAt / hour - start])
    expect(await listed()).toEqual([
      ['parked', 1],
      ['set', 2],
    ])
    // The parked run is found by the position of its dead letter; the next run has the same id.
    const [{ id, position } = { id: '', position: '' }] = deferredEvents(alarms(world))
    const { timers: runs } = await listTimers(alarms(world), { id })
    expect(runs.map((run) => [run.position, run.dueAt / hour - start])).toEqual([
      [position, 1],
      [undefined, 2],
    ])
    failing = false
    await world.restart()
    await world.advance(2 * hour)
    expect(await rings(world), 'the next two').toEqual({ a: 2 })
    await world.run(redrive(alarms(world), {}, { dryRun: false }))
    await world.settle()
    expect(await rings(world), 'and the one that was parked').toEqual({ a: 3 })
    expect(deferredEvents(alarms(world))).toEqual([])
    expect(await listed()).toEqual([['set', 4]])
    await world.close()
  },
)

promise(
  'P11',
  'a recurring timer that fails for days has one parked run, which counts the others [trap: recurrence-lost]',
  async (kind) => {
    let failing = true
    const onRing = () => {
      if (failing) throw new Error('cannot ring')
    }
    const world: World = await createWorld(kind, [alarmsWith({ onRing, limits: { attemptsMax: 2 } })])
    await setAlarm(world, hourly)
    await world.advance(10 * hour + minute)
    expect(deferredEvents(alarms(world))).toMatchObject([{ state: 'parked' }])
    expect((await rowsOf(world, 'alarms', 'tidings.queues')).length).toBe(1)
    failing = false
    await world.run(redrive(alarms(world), {}, { dryRun: false }))
    await world.settle()
    expect(await ringing(world)).toMatchObject([{ missed: 9 }])
    await world.advance(hour)
    expect(await ringing(world), 'it goes on').toMatchObject([{ missed: 9 }, { missed: 0 }])
    await world.close()
  },
)

promise(
  'P5',
  'a recurring timer whose run an earlier build has parked goes on [trap: recurrence-lost]',
  async (kind) => {
    let failing = true
    const onRing = () => {
      if (failing) throw new Error('cannot ring')
    }
    // Earlier builds parked a run without setting the next one.
    const spoil: Between['spoil'] = (unit) => {
      if (!unit.rows.some(({ row }) => row?.json.includes('"parked"'))) return unit
      const { rows, checks } = unit
      const isOfTimer = (table: string) => table === 'tidings.agenda' || table === 'tidings.queues'
      return {
        ...unit,
        rows: rows.filter(({ table }) => !isOfTimer(table)),
        checks: checks.filter(({ table }) => !isOfTimer(table)),
      }
    }
    const world: World = await createWorld(kind, [alarmsWith({ onRing, limits: { attemptsMax: 2 } })], { spoil })
    await setAlarm(world, hourly)
    await world.advance(5 * hour)
    expect(await listTimers(alarms(world))).toMatchObject({ timers: [{ state: 'parked' }] })
    failing = false
    await world.restart()
    await world.settle()
    expect(await ringing(world), 'the runs that it missed come as one').toMatchObject([{ missed: 3 }])
    await world.advance(hour)
    expect(await rings(world)).toEqual({ a: 2 })
    await world.close()
  },
)

promise(
  'P5',
  'a parked timer that is cancelled is removed by its redrive; if it is set again, it fires for the new setting',
  async (kind) => {
    let fixed = false
    const onRing = () => {
      if (!fixed) throw new Error('cannot ring')
    }
    const world: World = await createWorld(kind, [alarmsWith({ onRing, limits: { attemptsMax: 1 } })])
    await setAlarm(world, { to: 'a', afterMs: minute, note: 'first' })
    await world.advance(2 * minute)
    expect(deferredEvents(world.system.service('alarms'))).toMatchObject([{ state: 'parked' }])
    await setAlarm(world, { to: 'a', afterMs: minute, note: 'second' })
    await world.advance(2 * minute)
    fixed = true
    await world.run(redrive(world.system.service('alarms'), {}, { dryRun: false }))
    await world.settle()
    expect((await ringing(world)).map(({ note }) => note)).toEqual(['second'])
    await world.close()
  },
)
