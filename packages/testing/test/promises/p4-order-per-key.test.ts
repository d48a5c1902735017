// P4 In order per key: one key's events are handled in the order of publication, whatever fails; different keys run side by side.

import { defineCommand, defineEvent, defineService, defineTable, type Service } from 'tidings'
import type { Broker } from 'tidings/ports'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'
import { deskWith, type Letter, lettersRead, post, sendLetters } from './systems/letters.ts'

const inOrder = { a: [1, 2, 3, 4], b: [1, 2, 3, 4], c: [1, 2, 3, 4] }
const day = ['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3', 'a4', 'b4', 'c4']

/** Fails each letter the given number of times. */
const failing =
  (failures: Readonly<Record<string, number>>) =>
  ({ to, number }: Letter, { attempt }: { attempt: number }) => {
    if (attempt <= (failures[`${to}${number}`] ?? 0)) throw new Error(`${to}${number} fails`)
  }

async function retried(kind: EngineKind, between: Between = {}): Promise<void> {
  const onLetter = failing({ a1: 2, a2: 1, b2: 3, a4: 1, c4: 2 })
  const world = await createWorld(kind, [post, deskWith({ onLetter })], between)
  for (const letter of day) {
    await sendLetters(world, letter)
    await world.advance(7)
  }
  await world.settle()
  expect(await lettersRead(world)).toEqual(inOrder)
  await world.close()
}

promise('P4', 'retries keep the order of their key [trap: order-lost]', (kind) => retried(kind))
brokenPromise('P4', 'a broker that hands out a later event first', (kind) =>
  retried(kind, { broker: (broker) => ({ ...broker, read: (source, request) => swapped(broker, source, request) }) }),
)

async function swapped(broker: Broker, source: string, request: Parameters<Broker['read']>[1]) {
  const page = await broker.read(source, request)
  if (request.limit > 1 && page.events.length < 4 && page.head < '0000000000000012') {
    return { ...page, events: [], next: request.after, head: request.after }
  }
  return { ...page, events: [...page.events].reverse() }
}

promise(
  'P4',
  'within one batch, the later events of a key wait behind one that fails [trap: order-lost]',
  async (kind) => {
    const onLetter = failing({ a2: 2, b1: 1 })
    const world = await createWorld(kind, [post, deskWith({ onLetter })])
    await sendLetters(world, ...day)
    await world.advance(1)
    expect(await lettersRead(world)).toEqual({ a: [1], c: [1, 2, 3, 4] })
    await world.settle()
    expect(await lettersRead(world)).toEqual(inOrder)
    await world.close()
  },
)

async function deferredThroughRestarts(kind: EngineKind, between: Between = {}): Promise<void> {
  let fixed = false
  const onLetter = ({ to, number }: Letter) => {
    if (to === 'a' && number === 2 && !fixed) throw new Error('broken')
  }
  const desk = deskWith({ onLetter, limits: { attemptsMax: 50, retryDelayMsMax: 500 } })
  const world = await createWorld(kind, [post, desk], between)
  await sendLetters(world, 'a1', 'a2', 'b1')
  await world.advance(20)
  for (let number = 3; number <= 6; number++) {
    if (number % 2 === 0) world.kill()
    await world.restart()
    await sendLetters(world, `a${number}`, `b${number}`)
    await world.advance(20)
    expect(await lettersRead(world), `after ${number}`).toMatchObject({ a: [1] })
  }
  expect((await lettersRead(world)).b, 'others flow').toEqual([1, 3, 4, 5, 6])
  fixed = true
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 4, 5, 6], b: [1, 3, 4, 5, 6] })
  await world.close()
}

promise(
  'P4',
  'a deferred key keeps its order through kills and restarts, while others flow [trap: order-lost]',
  (kind) => deferredThroughRestarts(kind),
)
brokenPromise('P4', 'an engine does not keep what is blocked behind a deferred event', (kind) =>
  deferredThroughRestarts(kind, {
    spoil: (unit) => ({
      ...unit,
      rows: unit.rows.filter(({ table, row }) => table !== 'tidings.held' || row?.json.includes('"queued"') !== true),
    }),
  }),
)

async function sideBySide(kind: EngineKind, keysInParallelMax: number): Promise<void> {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  // The letter to a ends only after the one to b has started: one after the other, this would never end.
  const onLetter = async ({ to, number }: Letter) => {
    if (to === 'a' && number === 1) await gate
    if (to === 'b') open()
  }
  const desk = deskWith({ onLetter, limits: { keysInParallelMax, handlerTimeoutMs: 1_000, attemptsMax: 1 } })
  const world = await createWorld(kind, [post, desk])
  await sendLetters(world, 'a1', 'a2', 'b1', 'a3')
  await world.advance(500)
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3], b: [1] })
  await world.close()
}

promise('P4', 'different keys run side by side, the events of one key one after the other [trap: order-lost]', (kind) =>
  sideBySide(kind, 16),
)
brokenPromise('P4', 'keys one after the other', (kind) => sideBySide(kind, 1))

const Opened = defineEvent('test.opened', { owner: 'till', pattern: 'notification' })
  .version(1, z.object({ id: z.string(), step: z.number() }))
  .key(({ id }) => id)
const Closed = defineEvent('test.closed', { owner: 'till', pattern: 'notification' })
  .version(1, z.object({ id: z.string(), step: z.number() }))
  .key(({ id }) => id)
const Turn = defineCommand('turn', { input: z.object({ id: z.string(), step: z.number() }) })
const steps = defineTable('steps')
  .version(1, z.object({ id: z.string(), steps: z.array(z.number()) }))
  .key(({ id }) => id)

const tillDefinition = defineService('till', { publishes: [Opened, Closed] })
const till = tillDefinition.with({
  turn: tillDefinition.command(Turn, { publishes: [Opened, Closed] }, (input, { publish }) =>
    publish(input.step % 2 === 1 ? Opened : Closed, input),
  ),
})

/** A reader of two types; in one subscriber they keep their order, in two subscribers each keeps its own. */
function watcherWith(subscriber: string): Service {
  const watcher = defineService('watcher', { tables: { steps } })
  const note = async (
    { id, step }: { id: string; step: number },
    context: {
      attempt: number
      tables: { steps: { get(key: string): Promise<{ steps: number[] } | undefined>; put(row: object): void } }
    },
  ) => {
    if (step === 1 && context.attempt <= 2) throw new Error('not yet')
    const before = await context.tables.steps.get(id)
    context.tables.steps.put({ id, steps: [...(before?.steps ?? []), step] })
  }
  return watcher.with({
    opened: watcher.on(Opened, {}, note as never),
    closed: watcher.on(Closed, { subscriber }, note as never),
  })
}

async function acrossTypes(kind: EngineKind, subscriber: string): Promise<void> {
  const world: World = await createWorld(kind, [till, watcherWith(subscriber)])
  for (let step = 1; step <= 6; step++) await world.run(world.system.service('till').command('turn', { id: 't', step }))
  await world.settle()
  expect(await rowsOf(world, 'watcher', 'steps')).toEqual([{ id: 't', steps: [1, 2, 3, 4, 5, 6] }])
  await world.close()
}

promise('P4', 'two types of one key keep their order in one subscriber', (kind) => acrossTypes(kind, 'main'))
brokenPromise('P4', 'the two types in subscribers of their own', (kind) => acrossTypes(kind, 'other'))
