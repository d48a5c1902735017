// P11 Bounded: every limit has an effect, and a slow consumer slows nobody but itself.

import {
  defineCommand,
  defineQuery,
  defineService,
  defineTable,
  isTidingsError,
  type Limits,
  type Service,
} from 'tidings'
import { deferredEvents } from 'tidings/operations'
import type { Broker, CommitUnit } from 'tidings/ports'
import { completeLimits, defaultLimits } from 'tidings/runtime'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import {
  customers,
  insights,
  orders,
  ReviewSubmitted,
  reviews,
  rowsOf,
  send,
  shippingWith,
} from './systems/fulfilment.ts'
import { deskWith, LetterSent, lettersRead, post, sendLetters } from './systems/letters.ts'
import { everyKind, fold, rowsKept, tallies } from './systems/tallies.ts'

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  )
const letters = (count: number, keys = 'abcdefgh') =>
  Array.from({ length: count }, (_, index) => `${keys.charAt(index % keys.length)}${index}`)

promise('P11', 'an unknown or invalid limit is refused where it is declared', async () => {
  for (const limits of [
    { batchMax: 1 },
    { batchCountMax: 0 },
    { pollMs: 1.5 },
    { pollMs: Number.NaN },
    { pollMs: -1 },
  ]) {
    const refused = await codeOf((async () => defineService('any', { limits: limits as Partial<Limits> }))())
    expect(refused, JSON.stringify(limits)).toBe('INVALID_CONTRACT')
  }
  expect(completeLimits('any')).toEqual(defaultLimits)
})

async function batches(kind: EngineKind, batchCountMax: number): Promise<void> {
  const units: CommitUnit[] = []
  const asked: number[] = []
  let reading = 0
  let readingMax = 0
  const watched = (broker: Broker): Broker => ({
    ...broker,
    read: async (source, request) => {
      asked.push(request.limit)
      readingMax = Math.max(readingMax, ++reading)
      try {
        return await broker.read(source, request)
      } finally {
        reading--
      }
    },
  })
  const world = await createWorld(kind, [post, deskWith({ limits: { batchCountMax } })], {
    broker: watched,
    afterCommit: ({ service, unit }) => service === 'desk' && units.push(unit),
  })
  await sendLetters(world, ...letters(40))
  await world.settle()
  expect(units.reduce((sum, { events }) => sum + events.length, 0)).toBe(40)
  expect(Math.max(...units.map(({ events }) => events.length)), 'events in one commit').toBeLessThanOrEqual(7)
  expect(Math.max(...asked), 'events asked for at once').toBeLessThanOrEqual(7)
  expect(readingMax, 'one read at a time').toBeLessThanOrEqual(2)
  await world.close()
}

promise('P11', 'batchCountMax: no commit and no read is larger', (kind) => batches(kind, 7))
brokenPromise('P11', 'a larger batch', (kind) => batches(kind, 20))

async function parallel(kind: EngineKind, keysInParallelMax: number): Promise<void> {
  let now = 0
  let most = 0
  const onLetter = async () => {
    most = Math.max(most, ++now)
    await world.pause(10)
    now--
  }
  const world: World = await createWorld(kind, [post, deskWith({ onLetter, limits: { keysInParallelMax } })])
  await sendLetters(world, ...letters(16))
  await world.settle()
  // A batch on the fast path starts again with its keys side by side when its first handler waits: at most one more call.
  expect(most).toBeLessThanOrEqual(4)
  expect(most).toBeGreaterThan(1)
  await world.close()
}

promise('P11', 'keysInParallelMax: no more keys are handled side by side', (kind) => parallel(kind, 3))
brokenPromise('P11', 'all keys at once', (kind) => parallel(kind, 16))

promise(
  'P11',
  'publishCountMax: an event whose handler publishes too much is parked, and nothing is published',
  async (kind) => {
    const limits = { publishCountMax: 3 }
    const onLetter = ({ number }: { number: number }, { publish }: { publish: () => void }) => {
      for (let extra = 0; extra < number; extra++) publish()
    }
    const world = await createWorld(kind, [post, deskWith({ limits, onLetter })])
    await sendLetters(world, 'a2', 'b3')
    await world.settle()
    expect(deferredEvents(world.system.service('desk'))).toMatchObject([
      { key: 'b', state: 'parked', error: { code: 'PAYLOAD_TOO_LARGE' } },
    ])
    expect(await lettersRead(world)).toEqual({ a: [2] })
    await world.close()
  },
)

async function inFlight(kind: EngineKind, commandsInFlightMax: number): Promise<void> {
  const Wait = defineCommand('wait', { input: z.object({}) })
  const waiting = defineService('waiting', { limits: { commandsInFlightMax } })
  const service = waiting.with({ wait: waiting.command(Wait, () => world.pause(50)) })
  const world: World = await createWorld(kind, [service])
  const wait = () => codeOf(world.system.service('waiting').command('wait', {}))
  const answers = await world.run(Promise.all([wait(), wait(), wait(), wait(), wait()]))
  expect(answers?.sort()).toEqual(['OVERLOADED', 'OVERLOADED', 'accepted', 'accepted', 'accepted'])
  expect(await world.run(wait()), 'there is room again').toBe('accepted')
  await world.close()
}

promise('P11', 'commandsInFlightMax: more commands are refused at once, with a code of their own', (kind) =>
  inFlight(kind, 3),
)
brokenPromise('P11', 'no limit of commands in flight', (kind) => inFlight(kind, 100))

const counts = defineTable('counts')
  .version(1, z.object({ id: z.string(), count: z.number() }))
  .key(({ id }) => id)

async function conflicts(kind: EngineKind, conflictRetriesMax: number): Promise<void> {
  const Count = defineCommand('count', { input: z.object({ disturbed: z.boolean() }) })
  let tries = 0
  const counting = defineService('counting', { tables: { counts }, limits: { conflictRetriesMax } })
  const service = counting.with({
    count: counting.command(Count, async ({ disturbed }, { tables }) => {
      const before = (await tables.counts.get('c'))?.count ?? 0
      tables.counts.put({ id: 'c', count: before + 1 })
      if (!disturbed) return
      tries++
      await world.system.service('counting').command('count', { disturbed: false })
    }),
  })
  const world: World = await createWorld(kind, [service])
  const disturbed = send(world, 'counting', 'count', { disturbed: true })
  expect(await codeOf(disturbed)).toBe('CONFLICT')
  expect(tries).toBe(4)
  expect(await rowsOf(world, 'counting', 'counts'), 'only the others have counted').toEqual([{ id: 'c', count: 4 }])
  await world.close()
}

promise('P11', 'conflictRetriesMax: a command that conflicts every time gives up, without an effect', (kind) =>
  conflicts(kind, 3),
)
brokenPromise('P11', 'more retries than declared', (kind) => conflicts(kind, 9))

const Silent = defineQuery('silent', { owner: 'reviews', input: z.object({}), output: z.object({ a: z.string() }) })

async function lookups(kind: EngineKind, lookupTimeoutMs: number): Promise<void> {
  const owner = defineService('reviews', { publishes: [ReviewSubmitted] })
  const silentOwner = owner.with({
    submit: owner.command(
      defineCommand('submit-review', { input: z.object({ reviewId: z.string() }) }),
      { publishes: [ReviewSubmitted] },
      (input, { publish }) => publish(ReviewSubmitted, input),
    ),
    silent: owner.query(Silent, () => new Promise<{ a: string }>(() => {})),
  })
  const asking = defineService('asking', { limits: { lookupTimeoutMs } })
  const asker = asking.with({
    ask: asking.on(
      ReviewSubmitted,
      { lookups: [Silent] },
      async (_review, { lookup }) => void (await lookup(Silent, {})),
    ),
  })
  const world = await createWorld(kind, [silentOwner, asker])
  await send(world, 'reviews', 'submit-review', { reviewId: 'r1' })
  await world.advance(390)
  expect(world.system.service('asking').status.subscriptions[0]?.error).toBeUndefined()
  await world.advance(20)
  expect(world.system.service('asking').status.subscriptions[0]).toMatchObject({
    state: 'paused',
    error: { code: 'LOOKUP_UNAVAILABLE' },
  })
  world.kill()
  await world.close()
}

promise('P11', 'lookupTimeoutMs: a lookup times out if its owner never answers', (kind) => lookups(kind, 400))
brokenPromise('P11', 'a lookup that waits longer', (kind) => lookups(kind, 4_000))

async function required(kind: EngineKind, requireTimeoutMs: number): Promise<void> {
  const world = await createWorld(kind, [customers, orders, shippingWith({ limits: { requireTimeoutMs } })])
  await send(world, 'orders', 'place-order', { orderId: 'o1', customerId: 'c9', cents: 1 })
  await world.advance(60)
  expect(deferredEvents(world.system.service('shipping'))).toMatchObject([{ error: { code: 'REPLICA_ROW_MISSING' } }])
  await world.close()
}

promise('P11', 'requireTimeoutMs: a handler stops waiting for a row', (kind) => required(kind, 50))
brokenPromise('P11', 'a handler that waits longer', (kind) => required(kind, 500))

/** A service whose own read model is slow. */
function slowModel(minimumPositionTimeoutMs: number, pause: () => Promise<void>): Service {
  const Bump = defineCommand('bump', { input: z.object({}) })
  const Bumps = defineQuery('bumps', { owner: 'post', input: z.object({}), output: z.object({ count: z.number() }) })
  const slow = defineService('post', {
    publishes: [LetterSent],
    readModels: { counts },
    limits: { minimumPositionTimeoutMs },
  })
  return slow.with({
    bump: slow.command(Bump, { publishes: [LetterSent] }, (_input, { publish }) =>
      publish(LetterSent, { to: 'c', number: 1 }),
    ),
    counts: slow.projection('counts', { writes: ['counts'] }).on(LetterSent, async ({ to }, { tables }) => {
      await pause()
      const before = await tables.counts.get(to)
      tables.counts.put({ id: to, count: (before?.count ?? 0) + 1 })
    }),
    bumps: slow.query(Bumps, async (_input, { readModels }) => ({
      count: (await readModels.counts.get('c'))?.count ?? 0,
    })),
  })
}

async function waitForPosition(kind: EngineKind, minimumPositionTimeoutMs: number): Promise<void> {
  const world: World = await createWorld(kind, [slowModel(minimumPositionTimeoutMs, () => world.pause(200))])
  const service = world.system.service('post')
  await send(world, 'post', 'bump', {})
  const position = '0000000000000001'
  const startedAt = world.clock.monotonicMs()
  const asked = (minimumPosition: object) =>
    world.run(codeOf(service.query('bumps', {}, { minimumPosition: minimumPosition as never })))
  expect(await asked({ epoch: service.store.epoch, position })).toBe('LOOKUP_BEHIND')
  expect(world.clock.monotonicMs() - startedAt).toBeLessThanOrEqual(100)
  expect(await asked({ epoch: service.store.epoch, position: '0000000000000009' })).toBe('LOOKUP_BEHIND')
  expect(await asked({ epoch: 'another', position })).toBe('LOOKUP_BEHIND')
  await world.settle()
  const minimumPosition = { epoch: service.store.epoch, position }
  expect(await world.run(service.query('bumps', {}, { minimumPosition }))).toEqual({ count: 1 })
  await world.close()
}

promise('P11', 'minimumPositionTimeoutMs: a query with a minimum position waits this long, and no longer', (kind) =>
  waitForPosition(kind, 100),
)
brokenPromise('P11', 'a query that waits without a limit', (kind) => waitForPosition(kind, 10_000))

async function recordsKept(kind: EngineKind, deliveryBatchesMax: number): Promise<void> {
  const world = await createWorld(kind, [post, deskWith({ limits: { batchCountMax: 1, deliveryBatchesMax } })])
  await sendLetters(world, ...letters(520))
  await sendLetters(world, ...letters(520))
  await world.settle()
  expect(await world.system.service('desk').store.count('tidings.deliveries')).toBeLessThan(50)
  await world.close()
}

promise('P11', 'deliveryBatchesMax: old delivery records are removed', (kind) => recordsKept(kind, 10))
brokenPromise('P11', 'records that are never removed', (kind) => recordsKept(kind, 100_000))

promise('P11', 'caches of one entry change nothing but the speed', async (kind) => {
  const limits = { streamsCachedMax: 1, rowsCachedMax: 1, batchCountMax: 3 }
  const world = await createWorld(kind, tallies({ limits }))
  for (let amount = 1; amount <= 30; amount++)
    await send(world, 'counter', 'add', { id: 'abcde'.charAt(amount % 5), amount })
  await world.settle()
  for (const kept of everyKind) expect(await rowsKept(world, kept), kept.readModel).toEqual(await fold(world, kept))
  await world.close()
})

async function slowConsumer(kind: EngineKind, shared: boolean): Promise<void> {
  const slow = deskWith({ onLetter: () => world.pause(1_000), limits: { keysInParallelMax: 1, batchCountMax: 4 } })
  const quick = defineService('quick', { tables: { counts } })
  const quickService = quick.with({
    note: quick.on(LetterSent, async ({ to }, { tables }) => {
      const before = await tables.counts.get(to)
      tables.counts.put({ id: to, count: (before?.count ?? 0) + 1 })
      if (shared) await world.pause(1_000)
    }),
  })
  const world: World = await createWorld(kind, [post, slow, quickService])
  for (let round = 0; round < 5; round++) {
    await sendLetters(world, ...letters(8))
    await world.advance(20)
  }
  expect((await rowsOf(world, 'quick', 'counts')).map(({ count }) => count)).toEqual(letters(8).map(() => 5))
  await world.advance(6_000)
  const behind = world.system.service('desk').status.subscriptions[0]
  expect(behind?.lag, 'the slow one says how far it is behind').toBeGreaterThan(20)
  expect(behind?.stalenessMs).toBeGreaterThan(0)
  await world.settle()
  expect(Object.values(await lettersRead(world)).flat()).toHaveLength(40)
  await world.close()
}

promise('P11', 'a slow consumer slows only itself, reports how far it is behind, and catches up', (kind) =>
  slowConsumer(kind, false),
)
brokenPromise('P11', 'two slow consumers', (kind) => slowConsumer(kind, true))

promise('P11', 'a system that never settles reports that when its time is up', async (kind) => {
  const world = await createWorld(kind, [
    reviews,
    insights,
    post,
    deskWith({ onLetter: () => world.pause(86_400_000) }),
  ])
  await sendLetters(world, 'a1')
  const waited = world.system.settled({ timeoutMs: 2_000 })
  const outcome = await world.run(waited).catch((error: unknown) => error)
  expect(isTidingsError(outcome, 'TIMED_OUT')).toBe(true)
  world.kill()
  await world.close()
})
