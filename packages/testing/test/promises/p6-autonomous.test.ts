// P6 Autonomous: a service answers with every other service and the broker down; what it publishes waits in its outbox.

import { defineService, defineTable, type Service, TidingsError } from 'tidings'
import type { Broker } from 'tidings/ports'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { fulfilment, insights, orders, publishedBy, reviews, rowsOf, send, shippingWith } from './systems/fulfilment.ts'
import { deskWith, LetterSent, lettersRead, post, sendLetters } from './systems/letters.ts'

type Outage = 'throws' | 'hangs'

/** A broker that is unavailable while the outage lasts. */
function outage(how: Outage): { down: boolean; between: Between } {
  const state = { down: true, between: {} as Between }
  const fail = <T>(): Promise<T> =>
    how === 'hangs'
      ? new Promise<T>(() => {})
      : Promise.reject(new TidingsError('BROKER_UNAVAILABLE', 'The broker is down.'))
  state.between = {
    broker: (broker: Broker) => ({
      ...broker,
      read: async (...asked) => (state.down ? fail() : broker.read(...asked)),
      publish: async (batch) => (state.down ? fail() : broker.publish(batch)),
      published: async (source) => (state.down ? fail() : broker.published(source)),
      earlierEpochs: async (source) => (state.down ? fail() : broker.earlierEpochs(source)),
      watch: (...asked) => (state.down ? () => {} : broker.watch(...asked)),
    }),
  }
  return state
}

const place = (world: World, orderId: string) =>
  send(world, 'orders', 'place-order', { orderId, customerId: 'c1', cents: 5 })

async function answersWithoutBroker(kind: EngineKind, how: Outage, services = fulfilment()): Promise<void> {
  const broker = outage(how)
  const world = await createWorld(kind, services, broker.between)
  const startedAt = world.clock.now()
  expect(await send(world, 'customers', 'register-customer', { customerId: 'c1', city: 'Faro' })).toMatchObject({
    accepted: true,
  })
  expect(await place(world, 'o1')).toMatchObject({ accepted: true })
  expect(await place(world, 'o1'), 'decisions are made on its own streams').toMatchObject({ accepted: false })
  expect(await send(world, 'reviews', 'submit-review', { reviewId: 'r1', text: 'fine' })).toMatchObject({
    accepted: true,
  })
  expect(await world.run(world.system.service('reviews').query('review-text', { reviewId: 'r1' }))).toEqual({
    text: 'fine',
  })
  expect(await world.run(world.system.service('insights').query('totals', {})), 'as old as it has heard').toMatchObject(
    {
      orders: 0,
    },
  )
  expect(world.clock.now() - startedAt, 'nobody waited for anything').toBe(0)
  expect(await publishedBy(world, 'orders')).toEqual(['test.order-placed o1'])
  await world.advance(30_000)
  broker.down = false
  // A call that hangs ends with its process.
  if (how === 'hangs') {
    world.kill()
    await world.restart()
  }
  await world.settle()
  expect(await rowsOf(world, 'shipping', 'parcels')).toMatchObject([{ orderId: 'o1', city: 'Faro', times: 1 }])
  expect(await world.run(world.system.service('insights').query('totals', {}))).toMatchObject({ orders: 1, cents: 5 })
  expect(await rowsOf(world, 'support', 'cases')).toMatchObject([{ text: 'fine' }])
  for (const service of world.system.services.values()) expect(service.status.outbox?.depth ?? 0).toBe(0)
  await world.close()
}

for (const how of ['throws', 'hangs'] as const) {
  promise('P6', `commands and queries are answered while the broker ${how}, and the outbox drains afterwards`, (kind) =>
    answersWithoutBroker(kind, how),
  )
}
brokenPromise('P6', 'a service that asks another one before it answers', (kind) =>
  answersWithoutBroker(kind, 'throws', [...fulfilment().filter(({ name }) => name !== 'orders'), ordersThatAsk()]),
)

/** Orders whose commands first read the log of another service. */
function ordersThatAsk(): Service {
  const [declared] = orders.deciders
  if (declared === undefined) throw new Error('no decider')
  const { PlaceOrder } = declared.decider.commands
  const definition = defineService('orders', { publishes: orders.publishes })
  return definition.with({
    place: definition.command(PlaceOrder as never, {}, () => {
      throw new TidingsError('BROKER_UNAVAILABLE', 'The other service does not answer.')
    }),
  })
}

async function alone(kind: EngineKind, service: Service, answer: (world: World) => Promise<unknown>): Promise<void> {
  const world = await createWorld(kind, [service])
  expect(await answer(world).catch((error: unknown) => error)).toMatchObject({ ok: true })
  await world.close()
}

promise('P6', 'each service answers alone, with no other service running', async (kind) => {
  const accepted = (result: { accepted: boolean } | undefined) => ({ ok: result?.accepted })
  await alone(kind, orders, async (world) => accepted(await place(world, 'o1')))
  await alone(kind, reviews, async (world) =>
    accepted(await send(world, 'reviews', 'submit-review', { reviewId: 'r1', text: 'x' })),
  )
  await alone(kind, insights, async (world) => ({
    ok: (await world.run(world.system.service('insights').query('totals', {}))) !== undefined,
  }))
  await alone(kind, shippingWith(), async (world) => ({
    ok: (await rowsOf(world, 'shipping', 'parcels')).length === 0,
  }))
})

const noted = defineTable('noted')
  .version(1, z.object({ to: z.string() }))
  .key(({ to }) => to)

promise('P6', 'a service starts while the broker is down, also with handlers that start now', async (kind) => {
  for (const how of ['throws', 'hangs'] as const) {
    const broker = outage(how)
    const late = defineService('late', { tables: { noted } })
    const lateService = late.with({
      note: late.on(LetterSent, { from: 'now' }, ({ to }, { tables }) => tables.noted.put({ to })),
    })
    const world = await createWorld(kind, [post, deskWith(), lateService], broker.between)
    await sendLetters(world, 'a1')
    expect(await world.run(world.system.service('desk').query('letters-read', { to: 'a' }))).toBeUndefined()
    broker.down = false
    if (how === 'hangs') {
      world.kill()
      await world.restart()
    }
    await world.settle()
    await sendLetters(world, 'b2')
    await world.settle()
    expect(await lettersRead(world)).toEqual({ a: [1], b: [2] })
    // It starts at the head of the log at the first successful read, never later.
    expect((await rowsOf(world, 'late', 'noted')).map(({ to }) => to)).toContain('b')
    await world.close()
  }
})
