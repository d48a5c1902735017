// P5 where a handler that takes long is not one of many keys side by side: in a read model, in an effect, after a crash, and while the service closes.

import { deferredEvents } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { courierWith, deliveries } from './systems/deliveries.ts'
import { deferredLetters, deskWith, type Letter, lettersRead, post, sendLetters } from './systems/letters.ts'
import { fold, rowsKept, tallies } from './systems/tallies.ts'

const totals = { service: 'mirror', readModel: 'totals' } as const
const statusOf = (world: World, service: string) => world.system.service(service).status.subscriptions[0]
const forever = () => new Promise<void>(() => {})

async function add(world: World, ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.run(world.system.service('counter').command('add', { id, amount: 1 }))
}

async function slowSteps(kind: EngineKind, batchMsMax: number): Promise<void> {
  const onStep = (readModel: string) => (readModel === 'totals' ? world.pause(100) : undefined)
  const world: World = await createWorld(kind, tallies({ onStep, limits: { batchMsMax } }))
  await add(
    world,
    Array.from({ length: 60 }, (_, index) => `id-${index}`),
  )
  await world.advance(2_500)
  const rows = await rowsKept(world, totals)
  expect(rows.length, 'what is finished can be read').toBeGreaterThan(10)
  expect(rows.length).toBeLessThan(60)
  await world.settle()
  expect(await rowsKept(world, totals)).toEqual(await fold(world, totals))
  await world.close()
}

promise('P5', 'a projection with slow steps commits what is finished each second [trap: slow-key]', (kind) =>
  slowSteps(kind, 1_000),
)
brokenPromise('P5', 'a batch that waits for its last step', (kind) => slowSteps(kind, 3_600_000))

promise(
  'P5',
  'a step of a projection that hangs keeps nothing before it from being read, and times out [trap: slow-key]',
  async (kind) => {
    let hangs = true
    let steps = 0
    const onStep = (readModel: string, id: string) => {
      if (readModel !== 'totals') return undefined
      if (id === 'hangs') steps++
      return id === 'hangs' && hangs ? forever() : world.pause(1)
    }
    const world: World = await createWorld(kind, tallies({ onStep, limits: { handlerTimeoutMs: 10_000 } }))
    await add(world, ['a', 'b', 'hangs', 'c', 'hangs', 'd'])
    await world.advance(3_000)
    expect(await rowsKept(world, totals)).toMatchObject([{ id: 'a' }, { id: 'b' }])
    await world.advance(12_000)
    expect(await rowsKept(world, totals), 'then it is deferred').toMatchObject([
      { id: 'a' },
      { id: 'b' },
      { id: 'c' },
      { id: 'd' },
    ])
    expect(deferredEvents(world.system.service('mirror'))[0]).toMatchObject({ key: 'hangs', attempts: 1 })
    hangs = false
    await world.settle()
    expect(await rowsKept(world, totals)).toEqual(await fold(world, totals))
    expect(steps).toBeLessThan(6)
    await world.close()
  },
)

promise(
  'P5',
  'an effect that takes long holds up only its key, and no more than allowed are performed at once [trap: slow-key]',
  async (kind) => {
    let running = 0
    let most = 0
    const performed: string[] = []
    const world: World = await createWorld(kind, [
      post,
      courierWith({
        inParallelMax: 4,
        timeoutMs: 60_000,
        deliver: async ({ to, number }) => {
          most = Math.max(most, ++running)
          await world.pause(to === 'a' ? 20_000 : to === 'b' ? 1_500 : 20)
          running--
          performed.push(`${to}${number}`)
        },
      }),
    ])
    await sendLetters(
      world,
      'a1',
      ...['1', '2', '3'].flatMap((number) => [...'bcdefg'].map((to) => `${to}${number}`)),
      'a2',
    )
    await world.advance(15_000)
    const others = Object.fromEntries([...'bcdefg'].map((to) => [to, [1, 2, 3]]))
    expect(await deliveries(world)).toEqual(others)
    await world.settle()
    expect(await deliveries(world)).toEqual({ ...others, a: [1, 2] })
    expect(performed.length, 'each once').toBe(20)
    expect(most).toBe(4)
    await world.close()
  },
)

promise(
  'P5',
  'a drain commits what is finished; what is not is handled again after the start [trap: slow-key]',
  async (kind) => {
    const begun: string[] = []
    let hangs = true
    const onLetter = ({ to, number }: Letter) => {
      begun.push(`${to}${number}`)
      if (to === 'a' && hangs) return forever()
      return world.pause(to === 'b' ? 3_000 : 1)
    }
    const world: World = await createWorld(kind, [post, deskWith({ onLetter })])
    await sendLetters(world, 'x1', 'y1')
    await world.settle()
    begun.length = 0
    await sendLetters(world, 'a1', 'b1', 'c1', 'a2', 'b2')
    await world.advance(1_500)
    const before = world.clock.monotonicMs()
    hangs = false
    await world.restart()
    expect(world.clock.monotonicMs() - before, 'it closes within its limit').toBeLessThanOrEqual(5_100)
    expect(world.lines.filter(({ message }) => message.startsWith('The previous run crashed'))).toEqual([])
    await world.settle()
    expect(await lettersRead(world)).toEqual({ x: [1], y: [1], a: [1, 2], b: [1, 2], c: [1] })
    expect(
      begun.filter((name) => name === 'b1'),
      'finished while it closed',
    ).toHaveLength(1)
    expect(begun.filter((name) => name === 'a1')).toHaveLength(2)
    await world.close()
  },
)

async function recovered(kind: EngineKind, killsMax: number): Promise<void> {
  const keys = [...'abcdefgh']
  let hangs = true
  let kills = 0
  const onLetter = ({ to }: Letter) => {
    if (to === 'k' && kills < killsMax) {
      kills++
      world.kill()
    }
    return keys.includes(to) && hangs ? forever() : world.pause(1)
  }
  const world: World = await createWorld(kind, [post, deskWith({ onLetter, limits: { crashesMax: 3 } })])
  await sendLetters(world, ...keys.map((key) => `${key}1`), 'z1')
  await world.advance(3_000)
  await sendLetters(world, 'k1', 'z2')
  await world.advance(3_000)
  for (let deaths = 0; world.dead; deaths++) {
    expect(deaths, 'found out').toBeLessThan(10)
    await world.restart()
    await world.advance(25_000)
  }
  expect(await lettersRead(world), 'the others flow').toMatchObject({ z: [1, 2] })
  const parked = deferredEvents(world.system.service('desk')).filter(({ state }) => state === 'parked')
  expect(
    parked.map(({ key }) => key),
    'only the culprit',
  ).toEqual(['k'])
  hangs = false
  await world.advance(40_000)
  await world.settle()
  expect(await lettersRead(world)).toEqual({ ...Object.fromEntries(keys.map((key) => [key, [1]])), z: [1, 2] })
  await world.close()
}

promise(
  'P5',
  'after a crash, handlers that hang neither hold up others nor are blamed for what ends the process [trap: slow-key, poison]',
  (kind) => recovered(kind, 1_000),
)

promise(
  'P5',
  'a handler that ends its process long after it began is found out, too [trap: slow-key, poison]',
  async (kind) => {
    const onLetter = ({ to }: Letter) => (to === 'a' ? world.pause(3_000).then(() => world.kill()) : world.pause(1))
    const world: World = await createWorld(kind, [post, deskWith({ onLetter, limits: { crashesMax: 3 } })])
    await sendLetters(world, 'a1', 'b1')
    await world.advance(5_000)
    let deaths = 1
    for (; world.dead; deaths++) {
      expect(deaths, 'found out').toBeLessThan(12)
      await world.restart()
      await world.advance(20_000)
    }
    expect(deferredLetters(world)).toEqual(['a@1 parked'])
    expect(statusOf(world, 'desk')).toMatchObject({ running: 0 })
    expect(await lettersRead(world)).toEqual({ b: [1] })
    await world.close()
  },
)
