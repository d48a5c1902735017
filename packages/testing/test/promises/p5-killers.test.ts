// P5 again: a handler that ends its process is recognised, and its event is parked like any other poison, and no other event with it.

import { defineService, defineTable } from 'tidings'
import { createSeededRandom } from 'tidings/memory'
import { deferredEvents, deliveriesOf, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { customers, orders, rowsOf, send, shippingWith } from './systems/fulfilment.ts'
import {
  deferredLetters,
  deskWith,
  type Letter,
  LetterSent,
  lettersRead,
  post,
  sendLetters,
} from './systems/letters.ts'
import { fold, rowsKept, tallies } from './systems/tallies.ts'

const found = defineTable('found')
  .version(1, z.object({ letter: z.string() }))
  .key(({ letter }) => letter)

async function killer(kind: EngineKind, crashesMax: number): Promise<void> {
  let fixed = false
  const onLetter = ({ to, number }: Letter) => {
    if (to === 'a' && number === 2 && !fixed) world.kill()
  }
  const services = [post, deskWith({ onLetter, limits: { crashesMax } })]
  const world: World = await createWorld(kind, services)
  await sendLetters(world, 'a1', 'b1', 'a2', 'a3', 'c1', 'b2')
  await world.settle()
  let deaths = 0
  for (; world.dead && deaths < 12; deaths++) {
    await world.restart()
    await world.settle()
  }
  expect(deaths, 'found out after a bounded number of deaths').toBeLessThanOrEqual(7)
  expect(deferredLetters(world)).toEqual(['a@3 parked', 'a@4 blocked'])
  expect(
    deferredEvents(world.system.service('desk'))[0],
    'each run that killed the process is an attempt',
  ).toMatchObject({
    attempts: crashesMax,
    error: { code: 'PROCESS_KILLED', message: expect.stringContaining(`The process died ${crashesMax} times`) },
  })
  await sendLetters(world, 'b3', 'a4')
  await world.settle()
  expect(await lettersRead(world), 'all others flow').toEqual({ a: [1], b: [1, 2, 3], c: [1] })
  fixed = true
  await world.run(redrive(world.system.service('desk'), {}, { dryRun: false }))
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 4], b: [1, 2, 3], c: [1] })
  await world.close()
}

promise('P5', 'a handler that ends its process is recognised after some restarts, and parked [trap: poison]', (kind) =>
  killer(kind, 5),
)
brokenPromise('P5', 'a runtime that ignores crashes', (kind) => killer(kind, 1_000_000))

async function killedOnRetry(kind: EngineKind): Promise<void> {
  // Fails first, and ends its process on the retry.
  const onLetter = ({ to }: Letter, { attempt }: { attempt: number }) => {
    if (to !== 'a') return
    if (attempt === 1) throw new Error('once')
    world.kill()
  }
  const world: World = await createWorld(kind, [post, deskWith({ onLetter })])
  await sendLetters(world, 'a1', 'b1')
  await world.settle()
  for (let deaths = 0; world.dead && deaths < 12; deaths++) {
    await world.restart()
    await world.settle()
  }
  expect(deferredLetters(world)).toEqual(['a@1 parked'])
  expect(await lettersRead(world)).toEqual({ b: [1] })
  await world.close()
}

promise('P5', 'a handler that ends its process on a retry is recognised too', killedOnRetry)

promise('P5', 'a handler that ends its process is recognised while others fail and are retried', async (kind) => {
  const onLetter = ({ to }: Letter) => {
    if (to === 'a') throw new Error('again and again')
    if (to === 'b') world.kill()
  }
  const limits = { attemptsMax: 1_000, retryDelayMsMax: 100, crashesMax: 3 }
  const world: World = await createWorld(kind, [post, deskWith({ onLetter, limits })])
  await sendLetters(world, 'a1')
  await world.advance(1_000)
  await sendLetters(world, 'b2', 'c3')
  await world.advance(1_000)
  for (let deaths = 0; world.dead; deaths++) {
    expect(deaths, 'found out').toBeLessThan(10)
    await world.restart()
    await world.advance(1_000)
  }
  expect(deferredLetters(world)).toEqual(['a@1 retrying', 'b@2 parked'])
  expect(await lettersRead(world)).toEqual({ c: [3] })
  await world.close()
})

promise('P5', 'events of other services are not parked when a handler ends their process', async (kind) => {
  const onLetter = ({ to }: Letter) => {
    if (to === 'b') world.kill()
  }
  const other = (name: string) => {
    const definition = defineService(name, { tables: { found }, limits: { crashesMax: 3 } })
    return definition.with({
      note: definition.on(LetterSent, async ({ to, number }, { tables }) => {
        await world.pause(0)
        tables.found.put({ letter: `${to}${number}` })
      }),
    })
  }
  const world: World = await createWorld(kind, [
    other('first'),
    post,
    deskWith({ onLetter, limits: { crashesMax: 3 } }),
    other('last'),
  ])
  await sendLetters(world, 'b1')
  await world.settle()
  for (let deaths = 0; world.dead; deaths++) {
    expect(deaths, 'found out').toBeLessThan(10)
    await world.restart()
    await world.settle()
  }
  expect(deferredLetters(world)).toEqual(['b@1 parked'])
  for (const name of ['first', 'last']) {
    expect(deferredLetters(world, name)).toEqual([])
    expect(await rowsOf(world, name, 'found')).toHaveLength(1)
  }
  await world.close()
})

promise('P5', 'a projection that ends its process is recognised, also while it is rebuilt', async (kind) => {
  let deadly = ''
  const onStep = (readModel: string, id: string) => {
    if (deadly === readModel && id === 'b') world.kill()
  }
  const world: World = await createWorld(kind, tallies({ onStep, limits: { crashesMax: 3 } }))
  const live = async () => {
    for (let deaths = 0; world.dead; deaths++) {
      expect(deaths, `${deadly}: found out`).toBeLessThan(10)
      await world.restart()
      await world.settle()
      for (let tries = 0; rebuilding() && tries < 20; tries++) await world.advance(100)
    }
  }
  const rebuilding = () => world.system.service('mirror').status.readModels.some(({ rebuild }) => rebuild !== undefined)
  const kept = { service: 'mirror', readModel: 'totals' } as const
  for (const id of ['a', 'b', 'c', 'b']) await send(world, 'counter', 'add', { id, amount: 1 })
  await world.settle()
  deadly = 'totals'
  await send(world, 'counter', 'add', { id: 'b', amount: 2 })
  await world.settle()
  await live()
  expect(deferredEvents(world.system.service('mirror'))).toMatchObject([
    { key: 'b', error: { code: 'PROCESS_KILLED' } },
  ])
  expect(await rowsKept(world, kept)).toMatchObject([{ id: 'a' }, { id: 'b', count: 2 }, { id: 'c' }])
  await world.run(world.system.service('mirror').rebuild('totals'))
  await live()
  await world.settle()
  expect(rebuilding()).toBe(false)
  const deferred = deferredEvents(world.system.service('mirror'))
  expect(deferred.map(({ key, state }) => [key, state])).toEqual([
    ['b', 'parked'],
    ['b', 'blocked'],
    ['b', 'blocked'],
  ])
  deadly = ''
  await world.run(redrive(world.system.service('mirror'), {}, { dryRun: false }))
  await world.settle()
  expect(await rowsKept(world, kept)).toEqual(await fold(world, kept))
  await world.close()
})

promise('P5', 'a handler that was added later and ends its process while it catches up is recognised', async (kind) => {
  const counting = (late: boolean) => {
    const counter = defineService('late', { tables: { found }, limits: { crashesMax: 3 } })
    const note = counter.on(LetterSent, () => {})
    if (!late) return counter.with({ note })
    const deadly = counter.on(LetterSent, { from: 'beginning' }, ({ to, number }, { tables }) => {
      if (to === 'b') world.kill()
      tables.found.put({ letter: `${to}${number}` })
    })
    return counter.with({ note, deadly })
  }
  const world: World = await createWorld(kind, [post, counting(false)])
  await sendLetters(world, 'a1', 'b2', 'c3', 'b4')
  await world.settle()
  await world.restart([post, counting(true)])
  await world.settle()
  for (let deaths = 0; world.dead; deaths++) {
    expect(deaths, 'found out').toBeLessThan(10)
    await world.restart([post, counting(true)])
    await world.settle()
  }
  expect(deferredEvents(world.system.service('late')).map(({ key, state }) => [key, state])).toEqual([
    ['b', 'parked'],
    ['b', 'blocked'],
  ])
  await sendLetters(world, 'c5')
  await world.settle()
  expect((await rowsOf(world, 'late', 'found')).map(({ letter }) => letter)).toEqual(['a1', 'c3', 'c5'])
  await world.close()
})

promise(
  'P5',
  'a handler that runs isolated after a crash still waits for a row of a replica, and succeeds at its first attempt',
  async (kind) => {
    const world: World = await createWorld(kind, [customers, orders, shippingWith()])
    await send(world, 'orders', 'place-order', { orderId: 'o1', customerId: 'c1', cents: 100 })
    await world.advance(10)
    world.kill()
    await world.restart()
    await world.advance(10)
    await send(world, 'customers', 'register-customer', { customerId: 'c1', city: 'Porto' })
    await world.settle()
    expect(await rowsOf(world, 'shipping', 'parcels')).toMatchObject([{ orderId: 'o1', city: 'Porto', times: 1 }])
    const log = await world.system.service('orders').store.readEventLog({ after: '', limit: 10 })
    const accounts = await deliveriesOf(world.system.service('shipping'), log.events)
    expect(accounts).toMatchObject([{ state: 'done', attempts: 1 }])
    await world.close()
  },
)

async function killedFromOutside(kind: EngineKind, crashesMax: number): Promise<void> {
  const random = createSeededRandom(7)
  const onLetter = () => world.pause(15)
  const world: World = await createWorld(kind, [post, deskWith({ onLetter, limits: { crashesMax, batchCountMax: 8 } })])
  const letters = Array.from({ length: 20 }, (_, index) => `${'abc'.charAt(index % 3)}${index}`)
  await sendLetters(world, ...letters)
  for (let kill = 0; kill < 14; kill++) {
    await world.advance(Math.floor(random.next() * 60))
    world.kill()
    await world.restart()
  }
  await world.settle()
  expect(deferredEvents(world.system.service('desk'))).toEqual([])
  const read = Object.entries(await lettersRead(world)).flatMap(([to, numbers]) => numbers.map((n) => `${to}${n}`))
  expect(read.sort()).toEqual([...letters].sort())
  const log = await world.system.service('post').store.readEventLog({ after: '', limit: 100 })
  const accounts = await deliveriesOf(world.system.service('desk'), log.events)
  expect(accounts.map(({ state }) => state)).toEqual(letters.map(() => 'done'))
  await world.close()
}

promise('P5', 'kills from outside at random times park no event', (kind) => killedFromOutside(kind, 5))
brokenPromise('P5', 'a runtime that parks after the first crash', (kind) => killedFromOutside(kind, 1))
