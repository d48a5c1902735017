// P3 again: a subscriber knows for ever, by source and position, what it has handled; a run that was replaced undoes nothing.

import { defineCommand, defineEvent, defineService, defineTable, type Service } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import type { Broker } from 'tidings/ports'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { secondRuntime } from './setup/second-runtime.ts'
import { createWorld, type World } from './setup/world.ts'
import { publishedBy, rowsOf, send } from './systems/fulfilment.ts'
import { deferredLetters, deskWith, type Letter, lettersRead, post, sendLetters } from './systems/letters.ts'

const word = z.object({ key: z.string(), word: z.string() })
const said = (owner: string) =>
  defineEvent(`test.said-by-${owner}`, { owner, pattern: 'notification' })
    .version(1, word)
    .key(({ key }) => key)
const SaidByAnn = said('ann')
const SaidByBen = said('ben')
const Say = defineCommand('say', { input: word })
const heard = defineTable('heard')
  .version(1, z.object({ key: z.string(), words: z.array(z.string()) }))
  .key(({ key }) => key)

function speaker(name: string, contract: typeof SaidByAnn): Service {
  const definition = defineService(name, { publishes: [contract] })
  return definition.with({
    say: definition.command(Say, { publishes: [contract] }, (input, { publish }) => publish(contract, input)),
  })
}

/** Handles both, in two subscribers. */
function listener(deaf: () => boolean): Service {
  const definition = defineService('listener', { tables: { heard }, limits: { attemptsMax: 1 } })
  const hear = (contract: typeof SaidByAnn, subscriber: string) =>
    definition.on(contract, { subscriber }, async ({ key, word: text }, { tables }) => {
      if (text === 'mumble' && deaf()) throw new Error('not understood')
      const row = `${subscriber}/${key}`
      tables.heard.put({ key: row, words: [...((await tables.heard.get(row))?.words ?? []), text] })
    })
  return definition.with({
    annFirst: hear(SaidByAnn, 'first'),
    benFirst: hear(SaidByBen, 'first'),
    annSecond: hear(SaidByAnn, 'second'),
  })
}

promise(
  'P3',
  'events of two sources with the same ids, keys and positions are each handled once by each subscriber [trap: inbox-race]',
  async (kind) => {
    let deaf = true
    const counts = new Map<string, number>()
    const world = await createWorld(
      kind,
      [speaker('ann', SaidByAnn), speaker('ben', SaidByBen), listener(() => deaf)],
      // Each source numbers its own events.
      {
        spoil: (unit) => ({
          ...unit,
          events: unit.events.map((event) => {
            const number = (counts.get(event.source) ?? 0) + 1
            counts.set(event.source, number)
            return { ...event, id: `event-${number}` }
          }),
        }),
      },
    )
    for (const text of ['hello', 'mumble', 'bye'])
      for (const who of ['ann', 'ben']) await send(world, who, 'say', { key: 'k', word: `${text}` })
    await world.settle()
    const deferred = () =>
      deferredEvents(world.system.service('listener')).map(
        ({ subscriber, source, id, state }) => `${subscriber} ${source} ${id} ${state}`,
      )
    const expected = [
      'first ann event-2 parked',
      'first ann event-3 blocked',
      'first ben event-2 parked',
      'first ben event-3 blocked',
      'second ann event-2 parked',
      'second ann event-3 blocked',
    ]
    expect([...deferred()].sort()).toEqual(expected)
    await world.restart()
    await world.settle()
    expect([...deferred()].sort(), 'kept apart in the store, too').toEqual(expected)
    deaf = false
    const redrives = await world.run(
      redrive(world.system.service('listener'), { subscriber: 'first', source: 'ann' }, { dryRun: false }),
    )
    expect(redrives).toHaveLength(1)
    await world.settle()
    await world.restart()
    await world.settle()
    expect([...deferred()].sort(), 'only those of one source').toEqual(expected.slice(2))
    await world.run(redrive(world.system.service('listener'), {}, { dryRun: false }))
    await world.settle()
    const words = Object.fromEntries((await rowsOf(world, 'listener', 'heard')).map((row) => [row.key, row.words]))
    expect(words['first/k']?.toString().split(',').sort()).toEqual(['bye', 'bye', 'hello', 'hello', 'mumble', 'mumble'])
    expect(words['second/k']).toEqual(['hello', 'mumble', 'bye'])
    await world.close()
  },
)

/** A broker that returns its whole history at every read; some hundred times, not for ever. */
function fromTheBeginning(broker: Broker): Broker {
  let repeats = 200
  return {
    ...broker,
    read: async (source, request) => {
      const page = await broker.read(source, request)
      if (request.limit === 1 || repeats-- <= 0) return page
      const again = await broker.read(source, { ...request, after: '', limit: 1_000 })
      return { ...page, events: again.events.filter(({ position }) => position <= page.next) }
    },
  }
}

promise(
  'P3',
  'an event that is delivered again, or redriven, years after it was handled is not handled again [trap: inbox-race]',
  async (kind) => {
    const year = 365 * 86_400_000
    let broken = true
    const onLetter = ({ to, number }: Letter) => {
      if (to === 'a' && number === 1 && broken) throw new Error('broken')
    }
    // Only the records of the last few batches are kept: a subscriber must not need them to know what it has handled.
    const limits = { attemptsMax: 1, deliveryBatchesMax: 1 }
    const world = await createWorld(kind, [post, deskWith({ onLetter, limits })], { broker: fromTheBeginning })
    await sendLetters(world, 'a1', 'b1', 'a2')
    await world.settle()
    for (let years = 1; years <= 3; years++) {
      world.clock.setNow(world.clock.now() + year)
      await world.restart()
      await sendLetters(world, `b${years + 1}`)
      await world.settle()
    }
    expect(await lettersRead(world)).toEqual({ b: [1, 2, 3, 4] })
    broken = false
    await world.run(redrive(world.system.service('desk'), {}, { dryRun: false }))
    await world.settle()
    world.clock.setNow(world.clock.now() + year)
    await world.restart()
    await sendLetters(world, 'a3')
    await world.settle()
    expect(await world.run(redrive(world.system.service('desk'), {}, { dryRun: false })), 'nothing is left').toEqual([])
    expect(await lettersRead(world)).toEqual({ a: [1, 2, 3], b: [1, 2, 3, 4] })
    expect(await publishedBy(world, 'desk')).toHaveLength(7)
    await world.close()
  },
)

// The first runtime has begun to retry a1, and sleeps. Its successor retries it too, fails, and parks it. Then the first wakes up and
// succeeds: it must not remove what its successor has deferred.
async function lateSuccess(kind: EngineKind): Promise<void> {
  let wakeUp: (() => void) | undefined
  let tries = 0
  const onLetter = ({ to, number }: Letter) => {
    if (to !== 'a' || number !== 1) return undefined
    tries++
    if (tries === 2)
      return new Promise<void>((resolve) => {
        wakeUp = resolve
      })
    if (tries < 5) throw new Error('not yet')
    return undefined
  }
  const limits = { attemptsMax: 2, retryDelayMs: 100, retryDelayMsMax: 100, handlerTimeoutMs: 3_600_000 }
  const world: World = await createWorld(kind, [post, deskWith({ onLetter, limits })])
  await sendLetters(world, 'a1')
  await world.advance(500)
  expect(wakeUp, 'the first tries it again').toBeDefined()
  const second = await secondRuntime(world, 'desk')
  await world.advance(5_000)
  const deferredBySecond = () =>
    deferredEvents(second).map(({ key, position, state }) => `${key}@${Number(position)} ${state}`)
  expect(deferredBySecond()).toEqual(['a@1 parked'])
  wakeUp?.()
  await world.advance(5_000)
  expect(await lettersRead(world), 'the late success has no effect').toEqual({})
  expect(await publishedBy(world, 'desk')).toEqual([])
  const { store } = world.system.service('desk')
  expect(await store.find({ table: 'tidings.held', limit: 10 }), 'and takes nothing away').toHaveLength(1)
  await world.run(second.close())
  await world.restart()
  await sendLetters(world, 'a2')
  await world.settle()
  expect(deferredLetters(world)).toEqual(['a@1 parked', 'a@2 blocked'])
  tries = 5
  await world.run(redrive(world.system.service('desk'), {}, { dryRun: false }))
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2] })
  expect(await publishedBy(world, 'desk')).toHaveLength(2)
  await world.close()
}

promise('P3', 'a run that was replaced during a retry takes nothing from its successor [trap: zombie]', (kind) =>
  lateSuccess(kind),
)
