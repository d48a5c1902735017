// P3 and P7 under load: very many parked events are redriven at once, repeatedly, and history is read again in every possible way.
// Each effect happens once: rows, events, facts, timers and effects.

import { defineEffect, defineEvent, defineService, defineTable, type Service, timer } from 'tidings'
import { createSeededRandom } from 'tidings/memory'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { publishedBy, rowsOf } from './systems/fulfilment.ts'
import { type Letter, LetterSent, post, SendLetters } from './systems/letters.ts'

const letter = z.object({ to: z.string(), number: z.number() })
const rows = (name: string) =>
  defineTable(name)
    .version(1, z.object({ to: z.string(), numbers: z.array(z.number()) }))
    .key(({ to }) => to)
const Answered = defineEvent('test.answered', { owner: 'office', pattern: 'notification' })
  .version(1, letter)
  .key(({ to }) => to)
const Ship = defineEffect('ship', { input: letter, key: ({ to }) => to })

/** A service whose handler causes everything that a handler can cause. */
function officeWith(onLetter: (sent: Letter) => unknown, shipped: (sent: Letter) => unknown): Service {
  const office = defineService('office', {
    publishes: [Answered],
    tables: { answered: rows('answered'), reminded: rows('reminded') },
    readModels: { seen: rows('seen') },
    timers: { remind: timer(letter) },
    limits: { attemptsMax: 1, retryDelayMs: 10, retryDelayMsMax: 10, keysInParallelMax: 4 },
  })
  const add = async (
    table: { get(key: string): Promise<{ numbers: number[] } | undefined>; put(row: object): void },
    { to, number }: Letter,
  ) => table.put({ to, numbers: [...((await table.get(to))?.numbers ?? []), number] })
  return office.with({
    answer: office.on(LetterSent, { publishes: [Answered], requests: [Ship] }, async (sent, context) => {
      await add(context.tables.answered as never, sent)
      context.publish(Answered, sent)
      context.request(Ship, sent)
      context.timers.remind.after(`${sent.to}${sent.number}`, { seconds: 60 }, sent)
      await onLetter(sent)
    }),
    remind: office.due('remind', (sent, { tables }) => add(tables.reminded as never, sent)),
    ship: office.effect(Ship, { perform: (sent) => void shipped(sent) }),
    seen: office
      .projection('seen', { writes: ['seen'] })
      .on(LetterSent, (sent, { tables }) => add(tables.seen as never, sent)),
  })
}

const keys = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, '0')}`)
const lettersOf = (numbers: readonly number[]) => keys.flatMap((to) => numbers.map((number) => ({ to, number })))

async function checkOnce(world: World, shipped: readonly string[], hint: string): Promise<void> {
  for (const table of ['answered', 'reminded', 'seen@1']) {
    const found = Object.fromEntries((await rowsOf(world, 'office', table)).map(({ to, numbers }) => [to, numbers]))
    expect(Object.keys(found).sort(), `${hint}: ${table}`).toEqual(keys)
    for (const key of keys) {
      const numbers = found[key] as number[]
      // Reminders of one key are timers of their own.
      const inOrder = table === 'reminded' ? [...numbers].sort() : numbers
      expect(inOrder, `${hint}: ${table} ${key}`).toEqual([1, 2, 3])
    }
  }
  expect(await publishedBy(world, 'office'), `${hint}: published`).toHaveLength(keys.length * 3)
  expect([...shipped].sort(), `${hint}: performed`).toEqual(
    lettersOf([1, 2, 3])
      .map(({ to, number }) => `${to}/${number}`)
      .sort(),
  )
}

async function redriveStorm(kind: EngineKind, seeds: number, spoil?: Between['spoil']): Promise<void> {
  for (let seed = 1; seed <= seeds; seed++) {
    const random = createSeededRandom(seed)
    let failing = 1
    const shipped: string[] = []
    const onLetter = async () => {
      const fails = random.next() < failing
      await world.pause(Math.floor(random.next() * 3))
      if (fails) throw new Error('not yet')
    }
    const world: World = await createWorld(
      kind,
      [post, officeWith(onLetter, ({ to, number }) => shipped.push(`${to}/${number}`))],
      spoil === undefined ? {} : { spoil },
    )
    const send = (letters: readonly Letter[]) =>
      world.run(world.system.service('post').command(SendLetters.name, { letters }))
    await send(lettersOf([1, 2]))
    await world.advance(1_000)
    const office = () => world.system.service('office')
    expect(deferredEvents(office()).filter(({ state }) => state === 'parked')).toHaveLength(keys.length)
    expect(shipped, 'what failed has caused nothing').toEqual([])
    failing = 0.4
    // Redrives everything, one by one and at the same time, while more events arrive.
    const storms: Promise<unknown>[] = []
    for (let wave = 0; wave < 6; wave++) {
      if (wave === 3) await send(lettersOf([3]))
      for (let copies = 0; copies < 3; copies++) storms.push(redrive(office(), {}, { dryRun: false }))
      const key = keys[Math.floor(random.next() * keys.length)] ?? ''
      storms.push(redrive(office(), { key }, { dryRun: false }))
      await world.advance(Math.floor(random.next() * 40))
    }
    failing = 0
    await world.run(Promise.all(storms))
    await world.settle()
    await world.restart()
    await world.settle()
    await world.run(redrive(office(), {}, { dryRun: false }))
    await world.settle()
    await world.advance(120_000)
    await world.settle()
    await checkOnce(world, shipped, `seed ${seed}`)
    expect(deferredEvents(office())).toEqual([])
    await world.close()
  }
}

promise(
  'P3',
  'many concurrent and repeated redrives have each effect once, in order, while more events arrive [trap: replay-storm, poison]',
  (kind) => redriveStorm(kind, kind.name === 'SQLite' ? 1 : 4),
)
brokenPromise('P3', 'an engine that keeps a deferred event although it was handled', (kind) =>
  redriveStorm(kind, 1, (unit) => ({
    ...unit,
    rows: unit.rows.filter(({ table, row }) => table !== 'tidings.held' || row !== null),
  })),
)

promise(
  'P7',
  'history that is read again by rebuilds, restarts and redrives causes nothing a second time [trap: replay-storm]',
  async (kind) => {
    const shipped: string[] = []
    const services = [
      post,
      officeWith(
        () => {},
        ({ to, number }) => shipped.push(`${to}/${number}`),
      ),
    ]
    const world = await createWorld(kind, services)
    await world.run(world.system.service('post').command(SendLetters.name, { letters: lettersOf([1, 2, 3]) }))
    await world.settle()
    const office = () => world.system.service('office')
    for (let round = 0; round < 3; round++) {
      await world.run(office().rebuild('seen'))
      await world.run(redrive(office(), {}, { dryRun: false }))
      await world.restart()
      await world.settle()
    }
    await world.advance(120_000)
    await world.settle()
    await world.run(office().rebuild('seen'))
    await world.settle()
    expect(await rowsOf(world, 'office', 'seen@5')).toHaveLength(keys.length)
    expect(shipped).toHaveLength(keys.length * 3)
    expect(await publishedBy(world, 'office')).toHaveLength(keys.length * 3)
    for (const { numbers } of await rowsOf(world, 'office', 'reminded')) expect(numbers).toHaveLength(3)
    expect(await rowsOf(world, 'office', 'tidings.agenda'), 'nothing is set that would fire').toEqual([])
    await world.close()
  },
)
