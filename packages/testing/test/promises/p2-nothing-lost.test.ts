// P2 Nothing lost: what was committed reaches every subscriber, also one that is added later, is down or crashes.

import { defineCommand, defineEvent, defineService, defineTable, type Service, type StartFrom } from 'tidings'
import { redrive } from 'tidings/operations'
import type { Broker } from 'tidings/ports'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { killSweep } from './setup/kill-sweep.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'
import { deskWith, LetterSent, lettersRead, post, sendLetters } from './systems/letters.ts'

const seen = defineTable('seen')
  .version(1, z.object({ to: z.string(), by: z.array(z.string()) }))
  .key(({ to }) => to)

/** A reader whose handlers note what they have seen in one row for each key, in order: `first 1`. */
function readerWith(
  handlers: Record<string, { from?: StartFrom; subscriber?: string }>,
  fail?: (number: number) => boolean,
): Service {
  const reader = defineService('reader', { tables: { seen } })
  return reader.with(
    Object.fromEntries(
      Object.entries(handlers).map(([name, options]) => [
        name,
        reader.on(LetterSent, options, async ({ to, number }, { tables }) => {
          const before = await tables.seen.get(to)
          tables.seen.put({ to, by: [...(before?.by ?? []), `${name} ${number}`] })
          if (name === 'second' && fail?.(number) === true) throw new Error('not yet')
        }),
      ]),
    ),
  )
}

async function seenBy(world: World): Promise<Record<string, readonly string[]>> {
  const rows = await rowsOf(world, 'reader', 'seen')
  return Object.fromEntries(rows.map(({ to, by }) => [to, by as string[]]))
}

async function newSubscriber(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [post], between)
  await sendLetters(world, 'a1', 'b1', 'a2')
  await sendLetters(world, 'a3')
  await world.settle()
  await world.restart([post, readerWith({ first: {} })])
  await sendLetters(world, 'a4')
  await world.settle()
  expect(await seenBy(world)).toEqual({ a: ['first 1', 'first 2', 'first 3', 'first 4'], b: ['first 1'] })
  await world.close()
}

promise('P2', 'a new subscriber starts at the beginning of history', (kind) => newSubscriber(kind))
brokenPromise('P2', 'a broker begins with its last page', (kind) =>
  newSubscriber(kind, { broker: (broker) => readingFrom(broker, (after) => (after === '' ? position(2) : after)) }),
)

function position(number: number): string {
  return String(number).padStart(16, '0')
}

function readingFrom(broker: Broker, place: (after: string) => string): Broker {
  return {
    ...broker,
    read: (source, request) => broker.read(source, { ...request, after: place(request.after) }),
  }
}

promise('P2', "from: 'now' handles everything that is published from then on", async (kind) => {
  const world = await createWorld(kind, [post])
  await sendLetters(world, 'a1', 'b1')
  await world.settle()
  const services = [post, readerWith({ first: { from: 'now' } })]
  await world.restart(services)
  await world.restart(services)
  await sendLetters(world, 'a2')
  await world.restart([post])
  await sendLetters(world, 'a3')
  await world.restart(services)
  await world.settle()
  expect(await seenBy(world)).toEqual({ a: ['first 2', 'first 3'] })
  await world.close()
})

promise('P2', 'a subscriber that does not run misses nothing', async (kind) => {
  const world = await createWorld(kind, [post, deskWith()])
  await sendLetters(world, 'a1')
  await world.settle()
  for (let number = 2; number <= 4; number++) {
    await world.restart([post])
    await sendLetters(world, `a${number}`)
    await world.settle()
    await world.restart([post, deskWith()])
  }
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 4] })
  await world.close()
})

promise('P2', 'a handler added to an existing subscriber must say where it starts', async (kind) => {
  const world = await createWorld(kind, [post, readerWith({ first: {} })])
  await sendLetters(world, 'a1')
  await world.settle()
  const refused = await world.restart([post, readerWith({ first: {}, second: {} })]).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    ...{ code: 'LATE_HANDLER', details: { handler: 'second', subscriber: 'main' } },
    hint: expect.stringMatching(/from: 'now', or from: 'beginning'.* was: '<old name>'/),
  })
  await world.restart([post, readerWith({ first: {}, second: { from: 'now' } })])
  await sendLetters(world, 'a2')
  await world.settle()
  expect(await seenBy(world)).toEqual({ a: ['first 1', 'first 2', 'second 2'] })
  await world.close()
})

async function lateHandler(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [post, readerWith({ first: {} })], between)
  await sendLetters(world, 'a1', 'b1', 'a2')
  await world.settle()
  await world.restart([post])
  await sendLetters(world, 'a3')
  await world.restart([post, readerWith({ first: {}, second: { from: 'beginning' } })])
  await sendLetters(world, 'a4')
  await world.settle()
  if (world.dead) {
    await world.restart()
    await world.settle()
  }
  const { a, b } = await seenBy(world)
  expect(a?.filter((entry) => entry.startsWith('second'))).toEqual(['second 1', 'second 2', 'second 3', 'second 4'])
  expect(a?.filter((entry) => entry.startsWith('first'))).toEqual(['first 1', 'first 2', 'first 3', 'first 4'])
  expect(b).toEqual(['first 1', 'second 1'])
  await world.close()
}

promise('P2', "a handler added from: 'beginning' catches up, in order, before its subscriber continues", (kind) =>
  lateHandler(kind),
)
brokenPromise('P2', 'a broker forgets the oldest event', (kind) =>
  lateHandler(kind, {
    broker: (broker) => readingFrom(broker, (after) => (after < position(1) ? position(1) : after)),
  }),
)

promise('P2', 'a handler that catches up and fails on the way still sees each key in order', async (kind) => {
  let failures = 2
  const fail = (number: number) => number === 1 && failures-- > 0
  const world = await createWorld(kind, [post, readerWith({ first: {} })])
  await sendLetters(world, 'a1', 'a2')
  await world.settle()
  await world.restart([post, readerWith({ first: {}, second: { from: 'beginning' } }, fail)])
  await sendLetters(world, 'a3')
  await world.settle()
  const { a } = await seenBy(world)
  expect(a?.filter((entry) => entry.startsWith('second'))).toEqual(['second 1', 'second 2', 'second 3'])
  await world.close()
})

promise(
  'P2',
  'an event parked while a handler catches up blocks its key in the subscriber until the redrive',
  async (kind) => {
    let fixed = false
    const fail = (number: number) => number === 1 && !fixed
    const world = await createWorld(kind, [post, readerWith({ first: {} })])
    await sendLetters(world, 'a1', 'b5', 'a2')
    await world.settle()
    const services = [post, readerWith({ first: {}, second: { from: 'beginning' } }, fail)]
    await world.restart(services)
    await sendLetters(world, 'a3', 'b6')
    await world.settle()
    expect(await seenBy(world)).toMatchObject({ a: ['first 1', 'first 2'] })
    expect((await seenBy(world)).b).toEqual(['first 5', 'second 5', 'first 6', 'second 6'])
    await world.restart(services)
    await sendLetters(world, 'a4')
    await world.settle()
    fixed = true
    await world.run(redrive(world.system.service('reader'), {}, { dryRun: false }))
    await world.settle()
    const { a } = await seenBy(world)
    expect(a?.filter((entry) => entry.startsWith('second'))).toEqual(['second 1', 'second 2', 'second 3', 'second 4'])
    expect(a?.filter((entry) => entry.startsWith('first'))).toEqual(['first 1', 'first 2', 'first 3', 'first 4'])
    await world.close()
  },
)

async function killedWhileCatchingUp(kind: EngineKind, spoil?: Between['spoil']): Promise<void> {
  const before = [post, readerWith({ first: {} })]
  const after = [post, readerWith({ first: {}, second: { from: 'beginning' } })]
  let added = false
  await killSweep(
    kind,
    {
      services: () => before,
      later: () => after,
      prepare: async (world) => {
        added = false
        await sendLetters(world, 'a1', 'b1', 'a2')
        await world.settle()
        await sendLetters(world, 'a3', 'b2')
      },
      run: async (world) => {
        if (!added) await world.restart(after)
        added = true
      },
      outcome: async (world) => {
        const seenNow = await seenBy(world)
        return Object.entries(seenNow).map(([to, by]) => [
          to,
          by.filter((entry) => entry.startsWith('first')),
          by.filter((entry) => entry.startsWith('second')),
        ])
      },
    },
    4,
    spoil,
  )
}

promise('P2', 'killed at any commit while a late handler catches up, every handler has seen everything once', (kind) =>
  killedWhileCatchingUp(kind),
)

async function lostWakeUps(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [post, deskWith()], {
    broker: (broker) => ({ ...(between.broker?.(broker) ?? broker), watch: () => () => {} }),
  })
  await world.advance(100)
  await sendLetters(world, 'a1')
  await world.advance(1_000)
  expect(await lettersRead(world)).toEqual({ a: [1] })
  await world.close()
}

promise('P2', 'every wake-up is lost: the slow poll finds the event within pollMs', (kind) => lostWakeUps(kind))
brokenPromise('P2', 'an engine that answers the poll from an old page', (kind) => {
  const pages = new Map<string, unknown>()
  const remember = (broker: Broker): Broker => ({
    ...broker,
    read: async (source, request) => {
      const known = pages.get(source)
      if (known !== undefined) return known as never
      const page = await broker.read(source, request)
      pages.set(source, page)
      return page
    },
  })
  return lostWakeUps(kind, { broker: remember })
})

promise(
  'P2',
  'whoever has handled all that there was reads again when it is woken, or at the next poll',
  async (kind) => {
    let reads = 0
    const world = await createWorld(kind, [post, deskWith()], {
      broker: (broker) => ({
        ...broker,
        read: (source, request) => {
          // Reads of the head alone ask for one event.
          if (request.limit > 1) reads++
          return broker.read(source, request)
        },
      }),
    })
    await world.advance(100)
    for (const letter of ['a1', 'a2', 'b1']) {
      reads = 0
      await sendLetters(world, letter)
      await world.advance(1)
      expect(reads, letter).toBe(1)
    }
    expect(await lettersRead(world)).toEqual({ a: [1, 2], b: [1] })
    await world.advance(1_000)
    expect(reads).toBe(2)
    await world.close()
  },
)

// Events that nobody subscribes to lie between the others: no checkpoint is kept for them at once, and no event may be skipped.
const Other = defineEvent('test.other', { owner: 'crowd', pattern: 'notification' })
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Wanted = defineEvent('test.wanted', { owner: 'crowd', pattern: 'notification' })
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Shout = defineCommand('shout', { input: z.object({ from: z.number(), others: z.number() }) })
const found = defineTable('found')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)

promise(
  'P2',
  'a subscribed event among thousands of others is found, whatever crashes when [trap: progress-too-far]',
  async (kind) => {
    const crowdDefinition = defineService('crowd', { publishes: [Other, Wanted] })
    const crowd = crowdDefinition.with({
      shout: crowdDefinition.command(Shout, { publishes: [Other, Wanted] }, ({ from, others }, { publish }) => {
        for (let number = 0; number < others; number++) publish(Other, { id: `o${number}` })
        publish(Wanted, { id: `w${from}` })
      }),
    })
    const seeker = defineService('seeker', { tables: { found }, limits: { batchCountMax: 50 } })
    const finder = seeker.with({ find: seeker.on(Wanted, (wanted, { tables }) => tables.found.put(wanted)) })
    const world = await createWorld(kind, [crowd, finder])
    for (let from = 0; from < 4; from++) {
      await world.run(world.system.service('crowd').command('shout', { from, others: 500 }))
      await world.advance(from * 7)
      if (from % 2 === 1) {
        world.kill()
        await world.restart()
      }
    }
    await world.settle()
    expect((await rowsOf(world, 'seeker', 'found')).map(({ id }) => id)).toEqual(['w0', 'w1', 'w2', 'w3'])
    await world.close()
  },
)
