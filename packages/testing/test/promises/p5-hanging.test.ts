// P5, P4 A handler that hangs holds only its own key: what takes longer than a batch goes on by itself, in the order of its key, and the others flow.

import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { Hanging } from './systems/hanging.ts'
import { deferredLetters, deskWith, type Letter, lettersRead, post, sendLetters } from './systems/letters.ts'

async function send(world: World, letters: readonly Letter[]): Promise<void> {
  await world.run(world.system.service('post').command('send-letters', { letters }))
}

const rounds = [1, 2, 3]
const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `key-${String(index).padStart(3, '0')}`)
const statusOf = (world: World, service = 'desk') => world.system.service(service).status.subscriptions[0]

async function othersFlow(
  kind: EngineKind,
  hangingCount: number,
  batchMsMax = 1_000,
  between?: Between,
): Promise<void> {
  const keys = keysOf(100)
  const hang = new Set(keys.filter((_, index) => index % Math.floor(100 / hangingCount) === 0).slice(0, hangingCount))
  const hanging = new Hanging(({ to, number }) => hang.has(to) && number === 1)
  const world: World = await createWorld(
    kind,
    [post, deskWith({ limits: { batchMsMax }, onLetter: (letter) => hanging.wait(letter) ?? world.pause(5) })],
    between,
  )
  const start = world.clock.monotonicMs()
  for (const number of rounds)
    await send(
      world,
      keys.map((to) => ({ to, number })),
    )
  await world.advance(8_000)
  expect(world.clock.monotonicMs() - start, 'long before a handler times out').toBeLessThan(10_000)
  const all = Object.fromEntries(keys.map((key) => [key, rounds]))
  const others = Object.fromEntries(keys.filter((key) => !hang.has(key)).map((key) => [key, rounds]))
  expect(await lettersRead(world), 'the others are through').toEqual(others)
  expect(statusOf(world)).toMatchObject({ running: hangingCount, state: 'running', parked: 0, lag: 0 })
  expect(deferredLetters(world).filter((text) => text.endsWith(' running'))).toHaveLength(hangingCount)

  hanging.end()
  await world.settle()
  expect(await lettersRead(world), 'each key in its order, each letter once').toEqual(all)
  expect(deferredLetters(world)).toEqual([])
  expect(statusOf(world)).toMatchObject({ running: 0, slowest: undefined, handled: 300 })
  expect(world.lines.filter(({ message }) => message.startsWith('Another runtime'))).toEqual([])
  await world.close()
}

for (const count of [1, 12, 40])
  promise('P5', `while ${count} of 100 keys hang, all events of the others are handled [trap: slow-key]`, (kind) =>
    othersFlow(kind, count),
  )
brokenPromise('P5', 'a batch that is closed only when all have ended', (kind) => othersFlow(kind, 12, 3_600_000))

async function slowKey(kind: EngineKind, batchMsMax = 1_000): Promise<void> {
  const world: World = await createWorld(kind, [
    post,
    deskWith({ limits: { batchMsMax }, onLetter: ({ to }) => (to === 'a' ? world.pause(50) : undefined) }),
  ])
  const slow = Array.from({ length: 500 }, (_, index) => ({ to: 'a', number: index + 1 }))
  const letters = slow.flatMap((letter) =>
    letter.number % 10 === 0 ? [letter, { to: 'b', number: letter.number }] : [letter],
  )
  await send(world, letters)
  await world.advance(1_100)
  const { b: first = [] } = await lettersRead(world)
  expect(first.length, 'committed after a second, with others in the same batch').toBeGreaterThan(10)
  await world.advance(2_000)
  const { a = [], b } = await lettersRead(world)
  expect(b, 'all of the other key').toEqual(slow.filter(({ number }) => number % 10 === 0).map(({ number }) => number))
  expect(a.length, 'and the slow key goes on').toBeGreaterThan(30)
  await world.settle()
  expect((await lettersRead(world)).a, 'in order').toEqual(slow.map(({ number }) => number))
  await world.close()
}

promise('P5', '500 slow events of one key hold up no other key [trap: slow-key]', (kind) => slowKey(kind))
brokenPromise('P5', 'a batch that is closed after a minute', (kind) => slowKey(kind, 60_000))

promise(
  'P4',
  'events of a key that hangs come in order, through later batches, kills and restarts [trap: slow-key]',
  async (kind) => {
    const xy = { x: [1], y: [1] }
    const hanging = new Hanging(({ to, number }) => to === 'a' && number === 2)
    const world: World = await createWorld(kind, [
      post,
      deskWith({ onLetter: (letter) => hanging.wait(letter) ?? world.pause(1) }),
    ])
    await sendLetters(world, 'x1', 'y1')
    await world.settle()
    await sendLetters(world, 'a1', 'b1', 'a2', 'b2', 'a3')
    await world.advance(2_000)
    await sendLetters(world, 'a4', 'b3')
    await world.advance(2_000)
    expect(await lettersRead(world)).toEqual({ ...xy, a: [1], b: [1, 2, 3] })
    expect(deferredLetters(world)).toEqual(['a@5 running', 'a@7 blocked', 'a@8 blocked'])
    expect(statusOf(world)?.slowest).toMatchObject({ type: 'test.letter-sent', key: 'a' })
    expect(hanging.begun.filter((name) => name === 'a2')).toHaveLength(1)
    world.kill()
    await world.restart()
    await world.advance(2_000)
    await sendLetters(world, 'b4', 'a5')
    await world.advance(2_000)
    expect(await lettersRead(world), 'it hangs again').toEqual({ ...xy, a: [1], b: [1, 2, 3, 4] })
    expect(deferredEvents(world.system.service('desk'))[0], 'that is no failure').toMatchObject({
      attempts: 0,
      waits: 0,
    })
    hanging.end()
    await world.settle()
    expect(await lettersRead(world)).toEqual({ ...xy, a: [1, 2, 3, 4, 5], b: [1, 2, 3, 4] })
    await world.close()
  },
)

promise(
  'P5',
  'a handler that goes on has its own timeout from when it began, and that counts as one attempt',
  async (kind) => {
    const hanging = new Hanging(({ to }) => to === 'a')
    const world: World = await createWorld(kind, [
      post,
      deskWith({ limits: { handlerTimeoutMs: 5_000, attemptsMax: 2 }, onLetter: (letter) => hanging.wait(letter) }),
    ])
    await sendLetters(world, 'b1')
    await world.settle()
    const start = world.clock.monotonicMs()
    await sendLetters(world, 'a1', 'c1', 'a2')
    await world.advance(4_500)
    expect(deferredLetters(world)).toEqual(['a@2 running', 'a@4 blocked'])
    await world.advance(600)
    expect(world.clock.monotonicMs() - start).toBeLessThan(5_200)
    expect(deferredEvents(world.system.service('desk'))[0]).toMatchObject({
      attempts: 1,
      error: { code: 'HANDLER_TIMEOUT' },
    })
    await world.advance(6_000)
    expect(deferredLetters(world)).toEqual(['a@2 parked', 'a@4 blocked'])
    hanging.end()
    await world.settle()
    expect(await lettersRead(world), 'what comes late has no effect').toEqual({ b: [1], c: [1] })
    await world.close()
  },
)

promise(
  'P5',
  'retries of different keys run side by side: one that hangs holds up no other [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging(({ to }) => to === 'a')
    const world: World = await createWorld(kind, [
      post,
      deskWith({
        onLetter: (letter, { attempt }) => {
          if (attempt > 1 || letter.to === 'z') return hanging.wait(letter)
          throw new Error('at first')
        },
      }),
    ])
    await sendLetters(world, 'a1', 'b1', 'c1', 'a2')
    await world.advance(2_000)
    expect(await lettersRead(world)).toEqual({ b: [1], c: [1] })
    await sendLetters(world, 'z1')
    await world.advance(1_000)
    expect(await lettersRead(world), 'the loop goes on reading').toEqual({ b: [1], c: [1], z: [1] })
    hanging.end()
    await world.settle()
    expect(await lettersRead(world)).toEqual({ a: [1, 2], b: [1], c: [1], z: [1] })
    await world.close()
  },
)

promise(
  'P11',
  'as many handlers run as the limit allows: then new events wait, which the status and the log say',
  async (kind) => {
    const hanging = new Hanging(({ to }) => to !== 'z')
    const limits = { runningCountMax: 6, keysInParallelMax: 4 }
    const world: World = await createWorld(kind, [
      post,
      deskWith({ limits, onLetter: (letter) => hanging.wait(letter) }),
    ])
    const keys = keysOf(9)
    await send(
      world,
      keys.map((to) => ({ to, number: 1 })),
    )
    await world.advance(5_000)
    expect(statusOf(world)).toMatchObject({ running: 6 })
    expect(world.lines.filter(({ message }) => message === 'So many handlers run that new events wait')).toHaveLength(1)
    await sendLetters(world, 'z1')
    await world.advance(5_000)
    expect(await lettersRead(world)).toEqual({})
    expect(new Set(hanging.begun).size).toBe(6)
    for (let round = 0; round < 3; round++) {
      hanging.letGo()
      await world.advance(2_000)
    }
    await world.settle()
    expect(await lettersRead(world)).toEqual(Object.fromEntries([...keys, 'z'].map((key) => [key, [1]])))
    await world.close()
  },
)

promise('P5', 'a redrive does not wait for handlers that hang', async (kind) => {
  let broken = true
  const hanging = new Hanging(({ to }) => to === 'a')
  const world: World = await createWorld(kind, [
    post,
    deskWith({
      limits: { attemptsMax: 1 },
      onLetter: (letter) => {
        if (letter.to === 'b' && broken) throw new Error('cannot read b')
        return hanging.wait(letter)
      },
    }),
  ])
  await sendLetters(world, 'a1', 'b1', 'b2')
  await world.advance(2_000)
  expect(deferredLetters(world)).toEqual(['a@1 running', 'b@2 parked', 'b@3 blocked'])
  broken = false
  await world.run(redrive(world.system.service('desk'), { key: 'b' }, { dryRun: false }))
  await world.advance(1_000)
  expect(await lettersRead(world)).toEqual({ b: [1, 2] })
  hanging.end()
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1], b: [1, 2] })
  await world.close()
})
