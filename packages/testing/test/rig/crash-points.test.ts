// Crash points: every point that a declaration leads to is reached, and the points change nothing about what they surround.
import { fork } from 'node:child_process'
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
  createObserver,
  heardBy,
  pointsOf,
} from '@tidings/testing/rig'
import { memoryDriver } from 'tidings/memory'
import type { Driver } from 'tidings/ports'
import { expect, onTestFinished, test } from 'vitest'
import { GuestSat, kitchenService, SitDown, TeaBrought, tablesService } from './parlour.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-rig-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function pointsReached(driver: Driver): Promise<ReadonlySet<string>> {
  const reached = new Set<string>()
  const note = (service: string, point: string) => reached.add(`${service} ${point}`)
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
  expect(orders.hits()).toEqual([{ service: 'kitchen', point: 'commit.after' }])
  expect(orders.waits('kitchen')).toBe(false)
  expect(await run()).toBe(0)
  orders.give({ service: 'kitchen', point: 'commit.after' })
  expect(orders.withdraw('kitchen')).toBe(true)
  expect(await run()).toBe(0)
  expect(orders.hits()).toHaveLength(1)
})
