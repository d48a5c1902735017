// Crash points: every point that a declaration leads to is reached, and the points change nothing about what they surround.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sqliteDriver } from '@tidings/sqlite'
import { inSession } from '@tidings/testing'
import {
  CrashOrders,
  crashingDriver,
  crashingService,
  crashPoints,
  crashSwitch,
  createObserver,
  functionPointsOf,
  heardBy,
  pointsOf,
  type Reachable,
  type Reached,
} from '@tidings/testing/rig'
import { memoryDriver } from 'tidings/memory'
import type { Driver } from 'tidings/ports'
import { expect, onTestFinished, test, vi } from 'vitest'
import { GuestSat, kitchenService, SitDown, TeaBrought, tablesService } from './parlour.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-rig-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function pointsReached(driver: Driver): Promise<ReadonlySet<string>> {
  const reached = new Set<string>()
  const note: Reached = (service, point) => {
    reached.add(`${service} ${point}`)
    return undefined
  }
  const observer = createObserver('observer', [GuestSat, TeaBrought])
  const services = [tablesService, kitchenService, observer].map((each) => crashingService(each, note))
  await inSession({ effects: 'real', services, driver: crashingDriver(driver, note) }, async (session) => {
    await session.command(tablesService, SitDown, { guestId: 'ann' }, { idempotencyKey: 'sit' })
    await session.settled()
    await session.advance({ minutes: 5 })
    await session.settled()
    expect((await session.published(TeaBrought)).map(({ data }) => data)).toEqual([
      { guestId: 'ann', name: 'Guest ann' },
    ])
    const heard = await session.query(heardBy('observer'), { limit: 10 })
    expect(heard?.map(({ place, ids }) => [place, ids.length])).toEqual([
      ['kitchen/ann', 1],
      ['tables/ann', 1],
    ])
  })
  return reached
}

const due = (relay: boolean) =>
  [tablesService, kitchenService].flatMap((service) =>
    pointsOf(service, { relay }).map(({ point }) => `${service.name} ${point}`),
  )

// Reads of sources and the relay belong to the process: in one process they count for the service that was opened first.
const isOfProcess = (name: string) => /source-read|publish\./.test(name)

test('every point that a declaration leads to is reached, on SQLite', async () => {
  const reached = await pointsReached(sqliteDriver({ directory: temporaryFolder(), durability: 'process-crash' }))
  expect(due(false).filter((name) => !isOfProcess(name) && !reached.has(name))).toEqual([])
  expect([...reached].filter((name) => name.includes('source-read'))).toHaveLength(2)
  expect([...reached].some((name) => name.includes('publish.'))).toBe(false)
})

test('every point that a declaration leads to is reached, in memory behind a relay', async () => {
  const reached = await pointsReached(memoryDriver({ relay: true }))
  expect(due(true).filter((name) => !isOfProcess(name) && !reached.has(name))).toEqual([])
  const points = new Set([...reached].map((name) => name.slice(name.indexOf(' ') + 1)))
  expect(crashPoints.filter((point) => !points.has(point))).toEqual([])
})

test('a function hangs where it was ordered to, and a process that loops answers nothing until it is ended', async () => {
  const folder = temporaryFolder()
  const orders = new CrashOrders(folder)
  const child = fork(resolve(import.meta.dirname, 'dies-at-a-point.ts'), [folder, 'stays'], { execArgv: [] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  orders.give({ service: 'kitchen', point: 'handler.before' }, 'hang')
  child.send('go')
  expect(await once(child, 'message')).toEqual(['hangs', undefined])
  orders.give({ service: 'kitchen', point: 'handler.before' }, 'loop')
  child.send('go')
  await vi.waitUntil(() => orders.hits('loop').length > 0, 10_000)
  child.on('message', () => expect.fail('a process that loops has answered'))
  child.send('go')
  child.kill('SIGTERM')
  const { pid } = child
  expect([orders.hits(), orders.hits('hang'), orders.hits('loop')]).toEqual([
    [],
    [{ service: 'kitchen', point: 'handler.before', fault: 'hang', pid }],
    [{ service: 'kitchen', point: 'handler.before', fault: 'loop', pid }],
  ])
})

test('functions loop and hang where their own code runs; a decider, which cannot wait, does not hang', () => {
  const of = (points: readonly Reachable[]) => [...new Set(points.map(({ point }) => point.replace(/\..*/, '')))]
  expect(of(functionPointsOf(tablesService, 'loop'))).toEqual(['command', 'query'])
  expect(of(functionPointsOf(tablesService, 'hang'))).toEqual(['query'])
  const functions = ['handler', 'projection', 'timer-fire', 'effect', 'effect-outcome']
  expect(of(functionPointsOf(kitchenService, 'hang'))).toEqual(functions)
})

test('a handler that hangs by order holds up its key until it times out, and is then handled', async () => {
  const folder = temporaryFolder()
  const orders = new CrashOrders(folder)
  const services = [tablesService, kitchenService].map((each) => crashingService(each, crashSwitch(folder)))
  await inSession({ effects: 'real', services, driver: memoryDriver() }, async (session) => {
    orders.give({ service: 'kitchen', point: 'handler.after' }, 'hang')
    await session.command(tablesService, SitDown, { guestId: 'ann' }, { idempotencyKey: 'sit' })
    await session.advance({ minutes: 5 })
    await session.settled()
    expect(orders.hits('hang')).toHaveLength(1)
    expect(await session.published(TeaBrought)).toHaveLength(1)
  })
})

test('a process dies at the point that it was ordered to die at, by SIGKILL, and only once', async () => {
  const folder = temporaryFolder()
  const orders = new CrashOrders(folder)
  const run = () => {
    const child = fork(resolve(import.meta.dirname, 'dies-at-a-point.ts'), [folder], { execArgv: [] })
    return new Promise((settle) => {
      child.on('exit', (code, signal) => settle(signal ?? code))
    })
  }
  orders.give({ service: 'kitchen', point: 'commit.after' })
  expect(await run()).toBe('SIGKILL')
  expect(orders.hits()).toEqual([{ service: 'kitchen', point: 'commit.after', fault: 'die', pid: expect.any(Number) }])
  expect(orders.waits('kitchen')).toBe(false)
  expect(await run()).toBe(0)
  orders.give({ service: 'kitchen', point: 'commit.after' })
  expect(orders.withdraw('kitchen')).toBe(true)
  expect(await run()).toBe(0)
  expect(orders.hits()).toHaveLength(1)
})
