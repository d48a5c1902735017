// P5 again: unavailable is not poison, and a handler waits for a missing row.

import { defineService, defineTable, type Service, TidingsError } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import type { Broker } from 'tidings/ports'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import {
  customers,
  orders,
  ReviewSubmitted,
  ReviewText,
  reviews,
  rowsOf,
  send,
  shippingWith,
} from './systems/fulfilment.ts'
import { deskWith, lettersRead, post, sendLetters } from './systems/letters.ts'

const found = defineTable('found')
  .version(1, z.object({ reviewId: z.string(), text: z.string() }))
  .key(({ reviewId }) => reviewId)

/** A service that looks reviews up; the broken one treats an unavailable owner as an error of the event. */
function finderWith(broken: boolean): Service {
  const finder = defineService('finder', { tables: { found }, limits: { lookupTimeoutMs: 500 } })
  return finder.with({
    find: finder.on(ReviewSubmitted, { lookups: [ReviewText] }, async ({ reviewId }, { lookup, tables }) => {
      const review = await lookup(ReviewText, { reviewId }).catch((error: unknown) => {
        throw broken ? new Error('no answer') : error
      })
      tables.found.put({ reviewId, text: review?.text ?? '(gone)' })
    }),
  })
}

async function ownerDown(kind: EngineKind, broken: boolean): Promise<void> {
  const finder = finderWith(broken)
  const world = await createWorld(kind, [reviews, finder])
  await send(world, 'reviews', 'submit-review', { reviewId: 'r1', text: 'good' })
  await world.settle()
  await world.restart([reviews])
  for (const reviewId of ['r2', 'r3']) await send(world, 'reviews', 'submit-review', { reviewId, text: reviewId })
  await world.settle()
  await world.restart([finder])
  await world.advance(120_000)
  const service = world.system.service('finder')
  expect(deferredEvents(service).map(({ state, attempts }) => [state, attempts])).not.toContainEqual(['parked', 6])
  for (const deferred of deferredEvents(service)) expect(deferred).toMatchObject({ attempts: 0 })
  const [status] = service.status.subscriptions
  expect(status).toMatchObject({ state: 'paused', error: { code: 'LOOKUP_UNAVAILABLE' }, parked: 0 })
  await world.restart([reviews, finder])
  await world.settle()
  expect((await rowsOf(world, 'finder', 'found')).map(({ text }) => text)).toEqual(['good', 'r2', 'r3'])
  await world.close()
}

promise('P5', 'the owner of a lookup is down: the subscription pauses and nothing is counted [trap: poison]', (kind) =>
  ownerDown(kind, false),
)
brokenPromise('P5', 'a handler that takes unavailable for poison', (kind) => ownerDown(kind, true))

async function brokerDown(kind: EngineKind, code: 'BROKER_UNAVAILABLE' | undefined): Promise<void> {
  let down = false
  const failing = (broker: Broker): Broker => ({
    ...broker,
    read: async (source, request) => {
      if (!down) return broker.read(source, request)
      // The broken one returns an empty last page.
      if (code === undefined) return { epoch: undefined, events: [], next: request.after, head: request.after }
      throw new TidingsError(code, 'The broker does not answer.')
    },
  })
  let tries = 0
  const world = await createWorld(kind, [post, deskWith({ onLetter: () => void tries++ })], { broker: failing })
  await sendLetters(world, 'a1')
  await world.settle()
  down = true
  await sendLetters(world, 'a2')
  await world.advance(60_000)
  const [status] = world.system.service('desk').status.subscriptions
  expect(status).toMatchObject({ state: 'paused', error: { code: 'BROKER_UNAVAILABLE' }, parked: 0, retrying: 0 })
  expect(world.lines.filter(({ fields }) => fields.code === code && fields.subscriber === 'main')).toHaveLength(1)
  down = false
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2] })
  expect(tries).toBe(2)
  await world.close()
}

promise('P5', 'the broker is down: the subscription pauses, logs that once, and continues by itself', (kind) =>
  brokerDown(kind, 'BROKER_UNAVAILABLE'),
)
brokenPromise('P5', 'a broker that is down and says that there is nothing', (kind) => brokerDown(kind, undefined))

async function diskFull(kind: EngineKind, code: 'STORE_UNAVAILABLE' | 'CORRUPT_DATA'): Promise<void> {
  let full = false
  const world = await createWorld(kind, [post, deskWith()], {
    beforeCommit: ({ service }) => {
      if (full && service === 'desk') throw new TidingsError(code, 'The disk is full.')
    },
  })
  await sendLetters(world, 'a1')
  await world.settle()
  full = true
  await sendLetters(world, 'a2', 'b1')
  await world.advance(60_000)
  const [status] = world.system.service('desk').status.subscriptions
  expect(status).toMatchObject({ state: 'paused', error: { code: 'STORE_UNAVAILABLE' }, parked: 0, retrying: 0 })
  full = false
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2], b: [1] })
  await world.close()
}

promise('P5', 'the disk is full: the subscription pauses and continues when there is space', (kind) =>
  diskFull(kind, 'STORE_UNAVAILABLE'),
)
brokenPromise('P5', 'an engine that calls a full disk corrupt', (kind) => diskFull(kind, 'CORRUPT_DATA'))

const place = (world: World, orderId: string, customerId: string) =>
  send(world, 'orders', 'place-order', { orderId, customerId, cents: 1 })
const register = (world: World, customerId: string) =>
  send(world, 'customers', 'register-customer', { customerId, city: 'Porto' })
const shipped = async (world: World) => (await rowsOf(world, 'shipping', 'parcels')).map(({ orderId }) => orderId)

async function missingRow(kind: EngineKind, waitMsMax: number): Promise<void> {
  const shipping = shippingWith({ limits: { waitMsMax, attemptsMax: 2 } })
  const world = await createWorld(kind, [customers, orders, shipping])
  await register(world, 'c1')
  await place(world, 'o1', 'c2')
  await send(world, 'orders', 'change-order', { orderId: 'o1', change: 1 })
  await place(world, 'o2', 'c1')
  await world.advance(20_000)
  expect(await shipped(world), 'only the key waits').toEqual(['o2'])
  const deferred = deferredEvents(world.system.service('shipping'))
  expect(deferred.map(({ key, state, attempts }) => [key, state, attempts])).toEqual([
    ['o1', 'waiting', 0],
    ['o1', 'blocked', 0],
  ])
  expect(deferred[0]).toMatchObject({
    error: {
      code: 'REPLICA_ROW_MISSING',
      message: expect.stringContaining('the required key "c2"'),
      hint: expect.stringMatching(/^Wait; the event is retried automatically/),
    },
  })
  expect(deferred[0]?.waits).toBeGreaterThan(3)
  await register(world, 'c2')
  // At once, not at the time of the next retry.
  await world.advance(5)
  expect(await rowsOf(world, 'shipping', 'parcels')).toMatchObject([{ orderId: 'o1', changes: [1] }, { orderId: 'o2' }])

  await place(world, 'o3', 'c3')
  await world.advance(waitMsMax + 35_000)
  expect(deferredEvents(world.system.service('shipping'))).toMatchObject([
    {
      ...{ key: 'o3', state: 'parked' },
      error: {
        code: 'REPLICA_ROW_MISSING',
        hint: expect.stringMatching(/did not arrive within waitMsMax.* then redrive/),
      },
    },
  ])
  await register(world, 'c3')
  await world.run(redrive(world.system.service('shipping'), {}, { dryRun: false }))
  await world.settle()
  expect(await shipped(world)).toEqual(['o1', 'o2', 'o3'])
  await world.close()
}

promise('P5', 'endless conflicts: the subscription pauses, reports that, and continues when they end', async (kind) => {
  let conflicting = false
  let tries = 0
  const world = await createWorld(kind, [post, deskWith()], {
    spoil: (unit) => {
      if (!conflicting || !unit.rows.some(({ table, key }) => table === 'tidings.progress' && key.endsWith('/post')))
        return unit
      tries++
      return { ...unit, checks: [...unit.checks, { table: 'tidings.run', key: 'state', revision: 1_000_000 }] }
    },
  })
  await sendLetters(world, 'a1')
  await world.settle()
  conflicting = true
  await sendLetters(world, 'a2', 'b1')
  await world.advance(10_000)
  const status = () => world.system.service('desk').status.subscriptions[0]
  expect(status()).toMatchObject({ state: 'paused', error: { code: 'CONFLICT' }, parked: 0 })
  expect(tries, 'with pauses in between').toBeLessThan(1_000)
  conflicting = false
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2], b: [1] })
  expect(status()).toMatchObject({ state: 'running', error: undefined })
  await world.close()
})

promise(
  'P5',
  'an event waits for a missing row without counting attempts, and is parked if the row does not arrive',
  (kind) => missingRow(kind, 60_000),
)
brokenPromise('P5', 'a wait that ends too early', (kind) => missingRow(kind, 1_000))
