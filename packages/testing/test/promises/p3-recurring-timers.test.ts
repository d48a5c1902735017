// P2 and P3 for recurring timers that a service declares: they are set without a function that sets them, follow the declaration, and lose no run.

import { defineEvent, defineService, timer } from 'tidings'
import { listTimers } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'

const minute = 60_000
const hour = 60 * minute

const Reported = defineEvent('test.reported', { owner: 'reports', pattern: 'notification' })
  .version(1, z.object({ key: z.string(), hour: z.number(), missed: z.number() }))
  .key(({ key }) => key)

/** A service that reports at the declared time; without one, nothing is declared. */
function reportsAt(cron?: string, timeZone?: string, pollMs = 86_400_000) {
  if (cron === undefined) return defineService('reports').with({})
  const every = { cron, ...(timeZone === undefined ? {} : { timeZone }) }
  const reports = defineService('reports', {
    publishes: [Reported],
    timers: { report: timer({ every }) },
    limits: { pollMs },
  })
  return reports.with({
    report: reports.due('report', { publishes: [Reported] }, (_nothing, { timer: { key, dueAt, missed }, publish }) =>
      publish(Reported, { key, hour: dueAt.getUTCHours(), missed }),
    ),
  })
}

const service = (world: World) => world.system.service('reports')

async function reported(world: World) {
  const { events } = await service(world).store.readEventLog({ after: '', limit: 1_000 })
  return events.map(({ data, correlationId }) => ({ ...JSON.parse(data ?? ''), correlationId }))
}

promise(
  'P2',
  'a recurring timer that a service declares fires without a command that sets it, also after restarts [trap: timers]',
  async (kind) => {
    const world = await createWorld(kind, [reportsAt('0 * * * *')])
    const now = new Date(world.clock.now()).getUTCHours()
    await world.advance(2 * hour)
    await world.restart()
    world.kill()
    await world.restart()
    await world.advance(hour)
    const all = await reported(world)
    expect(all).toMatchObject([1, 2, 3].map((after) => ({ key: 'report', hour: (now + after) % 24, missed: 0 })))
    expect(new Set(all.map(({ correlationId }) => correlationId)).size, 'each begins a conversation').toBe(3)
    expect((await listTimers(service(world))).timers).toMatchObject([
      { name: 'report', state: 'set', causedBy: 'service/reports', every: { cron: '0 * * * *', timeZone: 'UTC' } },
    ])
    await world.close()
  },
)

promise(
  'P2',
  'a deploy replaces the time of a declared timer, and loses no run that is due [trap: timers]',
  async (kind) => {
    const world = await createWorld(kind, [reportsAt('30 3 * * *')])
    const { timers: before } = await listTimers(service(world))
    await world.restart([reportsAt('30 5 * * *', 'Asia/Tokyo')])
    const { timers: after } = await listTimers(service(world))
    expect(after).toMatchObject([{ every: { cron: '30 5 * * *', timeZone: 'Asia/Tokyo' } }])
    expect(after[0]?.dueAt).not.toBe(before[0]?.dueAt)
    expect(await reported(world)).toEqual([])
    world.kill()
    // The run of the next morning comes due while nothing runs, and a deploy changes the time.
    await world.advance(24 * hour)
    await world.restart([reportsAt('15 * * * *')])
    await world.settle()
    expect(await reported(world), 'the one that was due').toMatchObject([{ hour: 20 }])
    await world.advance(hour)
    expect(await reported(world)).toHaveLength(2)
    await world.close()
  },
)

promise('P3', 'a timer that is no longer declared is removed, and set again if it is declared again', async (kind) => {
  const world = await createWorld(kind, [reportsAt('0 * * * *')])
  await world.restart([reportsAt()])
  expect((await listTimers(service(world))).timers).toEqual([])
  await world.advance(5 * hour)
  await world.restart([reportsAt('0 * * * *')])
  await world.advance(hour)
  expect(await reported(world)).toMatchObject([{ missed: 0 }])
  await world.close()
})

promise(
  'P3',
  'a timer that functions have set before it was declared does not fire beside the declared one',
  async (kind) => {
    const before = defineService('reports', { publishes: [Reported], timers: { report: timer() } })
    const old = before.with({ report: before.due('report', {}, () => {}) })
    const world = await createWorld(kind, [old])
    const { store } = service(world)
    const item = {
      kind: 'timer',
      id: 'timer/-/report/all',
      owner: '-',
      name: 'report',
      key: 'all',
      queue: 'timers.main',
    }
    const every = { cron: '0 * * * *', timeZone: 'UTC' }
    const rest = { dueAt: world.clock.now() + minute, version: 1, data: 'null', every, origin: { correlationId: 'c' } }
    const row = { schemaVersion: 1, json: JSON.stringify({ item: { ...item, ...rest } }), columns: [rest.dueAt] }
    await store.commit({ checks: [], appends: [], events: [], rows: [{ table: 'tidings.agenda', key: item.id, row }] })
    await world.restart([reportsAt('0 * * * *')])
    await world.advance(hour)
    expect(await reported(world)).toMatchObject([{ key: 'report' }])
    await world.close()
  },
)

test('a declared time that is not valid or never comes is refused where it is declared', () => {
  expect(() => timer({ every: { cron: '0 25 * * *' } })).toThrow(expect.objectContaining({ code: 'INVALID_CONTRACT' }))
  expect(() => timer({ every: { cron: '0 0 31 2 *' } })).toThrow('it never occurs')
  expect(() => timer({ every: { cron: '0 0 * * *', timeZone: 'Mars/Olympus' } })).toThrow(/Mars\/Olympus/)
  const service = defineService('reports')
  const timers = { nag: timer({ every: { cron: '0 0 * * *' } }) }
  expect(() => service.process('nagging', { facts: {}, initialState: () => 0, evolve: {}, timers })).toThrow(
    'Process nagging declares timer nag with a time at which it recurs; only a service can do that.',
  )
})

const dueIn = async (world: World) =>
  Number((await listTimers(service(world))).timers[0]?.dueAt ?? 0) - world.clock.now()

promise('P2', 'a recurring timer follows a clock that was far ahead and is put back [trap: timers]', async (kind) => {
  const world = await createWorld(kind, [reportsAt('* * * * *', 'UTC', 1_000)])
  await world.advance(2 * minute)
  const right = world.clock.now()
  world.clock.setNow(Date.parse('2038-01-19T03:14:00Z'))
  await world.advance(2 * minute)
  const before = (await reported(world)).length
  world.clock.setNow(right + 4 * minute)
  await world.advance(2_000)
  expect(await dueIn(world), 'not in twelve years').toBeLessThanOrEqual(minute)
  await world.advance(5 * minute)
  expect(await reported(world)).toHaveLength(before + 5)
  expect(world.lines.filter(({ message }) => message.startsWith('The clock was put back'))).toHaveLength(1)
  await world.close()
})

promise(
  'P2',
  'a clock that is put back while a service does not run is noticed when it starts [trap: timers]',
  async (kind) => {
    const world = await createWorld(kind, [reportsAt('* * * * *', 'UTC', 1_000)])
    await world.advance(2 * minute)
    const right = world.clock.now()
    world.clock.setNow(Date.parse('2038-01-19T03:14:00Z'))
    await world.advance(2 * minute)
    const before = (await reported(world)).length
    await world.restart([reportsAt('* * * * *', 'UTC', 1_000)], () => world.clock.setNow(right + 4 * minute))
    await world.advance(5 * minute)
    expect((await reported(world)).length).toBeGreaterThanOrEqual(before + 4)
    await world.close()
  },
)

promise(
  'P3',
  'an occurrence that has fired does not come again because the clock is put back a little',
  async (kind) => {
    const world = await createWorld(kind, [reportsAt('0 * * * *', 'UTC', 1_000)])
    await world.advance(hour + 1_000)
    expect(await reported(world)).toHaveLength(1)
    world.clock.setNow(world.clock.now() - 30 * minute)
    await world.advance(30 * minute)
    expect(await reported(world), 'this hour has had its run').toHaveLength(1)
    await world.advance(hour)
    expect(await reported(world)).toHaveLength(2)
    await world.close()
  },
)

promise('P3', 'a run that came due under a wrong clock and is handled after it follows the clock', async (kind) => {
  const world = await createWorld(kind, [reportsAt('* * * * *', 'UTC', 1_000)])
  const right = world.clock.now()
  world.clock.setNow(Date.parse('2038-01-19T03:14:00Z'))
  await world.advance(1_500)
  world.clock.setNow(right)
  await world.advance(3 * minute)
  expect(await dueIn(world)).toBeLessThanOrEqual(minute)
  await world.close()
})
