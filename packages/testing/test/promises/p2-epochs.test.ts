// P2 again: a restored or deleted publisher stops the consumers that have handled events it no longer has, loudly; all others continue.

import { TidingsError } from 'tidings'
import { type AcceptFrom, acceptEpoch, deferredEvents } from 'tidings/operations'
import type { Broker } from 'tidings/ports'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { send } from './systems/fulfilment.ts'
import { deferredLetters, deskWith, type Letter, lettersRead, post, sendLetters } from './systems/letters.ts'
import { everyKind, fold, rowsKept, tallies } from './systems/tallies.ts'

const desk = deskWith()
const services = [post, desk]

function expectStopped(world: World, service = 'desk'): void {
  for (const status of world.system.service(service).status.subscriptions)
    expect(status, status.subscriber).toMatchObject({ state: 'stopped', error: { code: 'EPOCH_CHANGED' } })
  const loud = world.lines.filter(({ level, fields }) => level !== 'info' && fields.code === 'EPOCH_CHANGED')
  expect(loud.length, 'it is said aloud').toBeGreaterThan(0)
}

async function restored(kind: EngineKind, from: AcceptFrom, expected: number[], between: Between = {}): Promise<void> {
  const world = await createWorld(kind, services, between)
  await sendLetters(world, 'a1')
  await world.settle()
  const putBack = await world.engine.backup('post')
  await sendLetters(world, 'a2', 'a3')
  await world.settle()
  await world.restart(services, putBack)
  await sendLetters(world, 'a7', 'a8', 'a9')
  await world.advance(60_000)
  expectStopped(world)
  expect(await lettersRead(world), 'nothing more is heard, and nothing is passed over').toEqual({ a: [1, 2, 3] })
  await world.restart()
  await world.advance(60_000)
  expectStopped(world)
  const accepted = await world.run(acceptEpoch(world.system.service('desk'), 'post', from))
  expect(accepted).toMatchObject([{ subscriber: 'main' }])
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, ...expected] })
  const again = await world
    .run(acceptEpoch(world.system.service('desk'), 'post', from))
    .catch((error: unknown) => error)
  expect(again, 'nothing is stopped any more').toMatchObject({ code: 'UNKNOWN_SUBSCRIBER' })
  await sendLetters(world, 'a10')
  await world.restart()
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, ...expected, 10] })
  await world.close()
}

promise(
  'P2',
  'a restored publisher stops its consumers; accepted from the kept position, they lose nothing [trap: restored-store]',
  (kind) => restored(kind, 'kept', [7, 8, 9]),
)
promise('P2', 'a restored publisher, accepted from the beginning: kept events are delivered again', (kind) =>
  restored(kind, 'beginning', [1, 7, 8, 9]),
)
promise('P2', 'a restored publisher, accepted from now: only later events are handled', (kind) =>
  restored(kind, 'now', []),
)
brokenPromise('P2', 'an engine that keeps the epoch of a restored store', (kind) => {
  const sameEpoch = (broker: Broker): Broker => ({
    ...broker,
    read: async (source, request) => ({ ...(await broker.read(source, request)), epoch: 'always', edges: undefined }),
  })
  return restored(kind, 'kept', [7, 8, 9], { broker: sameEpoch })
})

promise(
  'P2',
  'a history that has vanished is not an empty one: its consumers pause until it is back [trap: vanished-file]',
  async (kind) => {
    let vanished = false
    const mayVanish = (broker: Broker): Broker => ({
      ...broker,
      read: async (source, request) =>
        vanished && source === 'post'
          ? { epoch: undefined, events: [], next: request.after, head: '' }
          : await broker.read(source, request),
    })
    const world = await createWorld(kind, services, { broker: mayVanish })
    await sendLetters(world, 'a1')
    await world.settle()
    vanished = true
    await sendLetters(world, 'a2')
    await world.advance(60_000)
    const { subscriptions } = world.system.service('desk').status
    expect(subscriptions[0]).toMatchObject({ state: 'paused', error: { code: 'BROKER_UNAVAILABLE' } })
    expect(world.lines.filter(({ fields }) => fields.code === 'BROKER_UNAVAILABLE').length).toBeGreaterThan(0)
    vanished = false
    await world.advance(60_000)
    expect(await lettersRead(world)).toEqual({ a: [1, 2] })
    await world.close()
  },
)

promise('P2', 'a consumer that handled no lost event continues by itself after a restore', async (kind) => {
  const world = await createWorld(kind, services)
  await sendLetters(world, 'a1', 'a2')
  await world.settle()
  const putBack = await world.engine.backup('post')
  // Published after the backup, and never handled by the desk.
  await world.restart([post])
  await sendLetters(world, 'a3')
  await world.settle()
  await world.restart(services, putBack)
  await sendLetters(world, 'a4')
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 4] })
  // Restored a second time, after the desk has handled an event that is gone: the kept position of every epoch counts.
  const putBackAgain = await world.engine.backup('post')
  await sendLetters(world, 'a5')
  await world.settle()
  await world.restart(services, putBackAgain)
  await sendLetters(world, 'a6')
  await world.advance(10_000)
  expectStopped(world)
  await world.run(acceptEpoch(world.system.service('desk'), 'post', 'kept'))
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 4, 5, 6] })
  await world.close()
})

promise(
  'P2',
  'a restored publisher that publishes before its relay reaches the broker loses nothing [trap: restored-store]',
  async (kind) => {
    let down = false
    const refuse = <T>(answer: () => T | Promise<T>) =>
      down ? Promise.reject(new TidingsError('BROKER_UNAVAILABLE', 'The broker takes nothing.')) : answer()
    const world = await createWorld(kind, services, {
      broker: (broker) => ({
        ...broker,
        publish: async (batch) => refuse(() => broker.publish(batch)),
        published: async (source) => refuse(() => broker.published(source)),
      }),
    })
    await sendLetters(world, 'a1')
    await world.settle()
    const putBack = await world.engine.backup('post')
    await sendLetters(world, 'a2', 'a3')
    await world.settle()
    down = true
    await world.restart(services, putBack)
    await sendLetters(world, 'a7', 'a8', 'a9')
    await world.advance(1_000)
    down = false
    await world.advance(60_000)
    expectStopped(world)
    await world.run(acceptEpoch(world.system.service('desk'), 'post', 'kept'))
    await world.settle()
    expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 7, 8, 9] })
    await world.close()
  },
)

async function deleted(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, services, between)
  await sendLetters(world, 'a1', 'a2')
  await world.settle()
  await world.restart(services, () => world.engine.forget('post'))
  await sendLetters(world, 'b1', 'b2', 'b3')
  await world.advance(60_000)
  expectStopped(world)
  expect(await lettersRead(world)).toEqual({ a: [1, 2] })
  await world.run(acceptEpoch(world.system.service('desk'), 'post', 'beginning'))
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2], b: [1, 2, 3] })
  await world.close()
}

promise('P2', 'a deleted publisher stops its consumers, which then handle the new one from its beginning', (kind) =>
  deleted(kind),
)
brokenPromise('P2', 'an engine whose stores all have one epoch', (kind) =>
  deleted(kind, {
    broker: (broker) => ({
      ...broker,
      read: async (source, request) => ({ ...(await broker.read(source, request)), epoch: 'always', edges: undefined }),
    }),
  }),
)

promise(
  'P2',
  'deferred events of a lost history are given up with a log line; those that were kept stay deferred',
  async (kind) => {
    const onLetter = ({ number }: Letter) => {
      if (number < 5) throw new Error('no')
    }
    const choosy = [post, deskWith({ onLetter, limits: { attemptsMax: 1 } })]
    const world = await createWorld(kind, choosy)
    await sendLetters(world, 'a1')
    await world.settle()
    const putBack = await world.engine.backup('post')
    await sendLetters(world, 'a2', 'b3')
    await world.settle()
    expect(deferredLetters(world)).toEqual(['a@1 parked', 'a@2 blocked', 'b@3 parked'])
    await world.restart(choosy, putBack)
    await sendLetters(world, 'b7')
    await world.advance(10_000)
    expectStopped(world)
    await world.run(acceptEpoch(world.system.service('desk'), 'post', 'kept'))
    await world.settle()
    expect(deferredLetters(world)).toEqual(['a@1 parked'])
    expect(await lettersRead(world)).toEqual({ b: [7] })
    expect(world.lines.some(({ fields }) => fields.deferredGivenUp === 2)).toBe(true)
    await world.close()
  },
)

promise(
  'P2',
  "a restored service's own read models continue by themselves; those of others stop until accepted",
  async (kind) => {
    const world = await createWorld(kind, tallies())
    for (let amount = 1; amount <= 4; amount++) await send(world, 'counter', 'add', { id: 'a', amount })
    await world.settle()
    const putBack = await world.engine.backup('counter')
    for (let amount = 5; amount <= 8; amount++) await send(world, 'counter', 'add', { id: 'b', amount })
    await world.settle()
    await world.restart(tallies(), putBack)
    for (let amount = 9; amount <= 20; amount++) await send(world, 'counter', 'add', { id: 'c', amount })
    await world.advance(30_000)
    for (const kept of everyKind.slice(0, 2))
      expect(await rowsKept(world, kept), kept.readModel).toEqual(await fold(world, kept))
    expectStopped(world, 'mirror')
    const accepted = await world.run(acceptEpoch(world.system.service('mirror'), 'counter', 'kept'))
    expect(accepted).toHaveLength(2)
    await world.settle()
    expect(deferredEvents(world.system.service('mirror'))).toEqual([])
    // What was handled of the lost history stays in the read models until they are rebuilt.
    for (const { readModel } of everyKind.slice(2)) await world.run(world.system.service('mirror').rebuild(readModel))
    await world.settle()
    for (const kept of everyKind) expect(await rowsKept(world, kept), kept.readModel).toEqual(await fold(world, kept))
    await world.close()
  },
)
