// P3 Once in effect: redelivery, retries, crashes, redrives, doubled commands and zombies leave one effect.

import { isTidingsError, TidingsError } from 'tidings'
import { redrive } from 'tidings/operations'
import type { Broker, CommitUnit } from 'tidings/ports'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { killSweep } from './setup/kill-sweep.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { secondRuntime } from './setup/second-runtime.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { orders, publishedBy, send } from './systems/fulfilment.ts'
import { type DeskOptions, deferredLetters, deskWith, lettersRead, post, sendLetters } from './systems/letters.ts'

/** The engine's checks removed: conflicts go unnoticed. */
const unchecked = (unit: CommitUnit): CommitUnit => ({ ...unit, checks: [] })

/** A broker that goes back some events at every read, as if they were not acknowledged; some hundred times, not for ever. */
function repeating(broker: Broker): Broker {
  let repeats = 300
  return {
    ...broker,
    read: async (source, request) => {
      const page = await broker.read(source, request)
      if (request.limit === 1 || repeats-- <= 0) return page
      const from = String(Math.max(0, Number(request.after) - 3)).padStart(16, '0')
      const again = await broker.read(source, { ...request, after: from, limit: request.limit + 3 })
      return { ...page, events: again.events.filter(({ position }) => position <= page.next) }
    },
  }
}

async function redelivered(kind: EngineKind, between: Between, options: DeskOptions = {}): Promise<void> {
  const world = await createWorld(kind, [post, deskWith(options)], between)
  for (const letters of [['a1', 'b1'], ['a2'], ['a3', 'b2', 'a4']]) {
    await sendLetters(world, ...letters)
    await world.settle()
    if (world.dead) await world.restart()
  }
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 4], b: [1, 2] })
  expect(await publishedBy(world, 'desk')).toHaveLength(6)
  await world.close()
}

promise('P3', 'a broker that delivers events again causes nothing again [trap: inbox-race]', (kind) =>
  redelivered(kind, { broker: repeating }),
)
promise('P3', 'events that are delivered again while one of them is deferred', (kind) => {
  const failTwice = ({ number }: { number: number }, { attempt }: { attempt: number }) => {
    if (number === 2 && attempt <= 2) throw new Error('not yet')
  }
  return redelivered(kind, { broker: repeating }, { onLetter: failTwice })
})
let kills = 0
brokenPromise('P3', 'an engine forgets the checkpoint of a subscriber', (kind) =>
  redelivered(kind, {
    spoil: (unit) =>
      kills === 0 && unit.events.some(({ key, data }) => key === 'a' && data?.includes('2') === true)
        ? { ...unit, rows: unit.rows.filter(({ table }) => table !== 'tidings.progress') }
        : unit,
    afterCommit: ({ service, unit }, kill) => service === 'desk' && unit.events.length === 1 && kills++ === 0 && kill(),
  }),
)

/** A commit that took effect, and is reported to the runtime as failed. */
function ambiguous(service: string): Between {
  let reported = 0
  return {
    afterCommit: (commit) => {
      if (commit.service === service && commit.unit.events.length > 0 && reported++ < 2)
        throw new TidingsError('STORE_UNAVAILABLE', 'The answer to a commit was lost.')
    },
  }
}

promise('P3', 'a commit that took effect but was reported as failed is not repeated [trap: ambiguous-commit]', (kind) =>
  redelivered(kind, ambiguous('desk')),
)

async function ambiguousCommand(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [orders], { ...ambiguous('orders'), ...between })
  const place = () =>
    send(world, 'orders', 'place-order', { orderId: 'o1', customerId: 'c1', cents: 1 }, 'once').catch(
      (error: unknown) => error,
    )
  expect(await place()).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(await place()).toMatchObject({ accepted: true, replayed: true })
  expect(await publishedBy(world, 'orders')).toHaveLength(1)
  await world.close()
}

promise(
  'P3',
  'a command whose answer was lost is answered again, not executed again [trap: ambiguous-commit]',
  (kind) => ambiguousCommand(kind),
)
brokenPromise('P3', 'an engine does not keep what a command answered', (kind) =>
  ambiguousCommand(kind, {
    spoil: (unit) => ({ ...unit, rows: unit.rows.filter(({ table }) => table !== 'tidings.answers') }),
  }),
)

promise(
  'P3',
  'a redrive after a month, and a second one at the same time, have one effect [trap: inbox-race, replay-storm]',
  async (kind) => {
    let fixed = false
    const onLetter = ({ to, number }: { to: string; number: number }) => {
      if (to === 'a' && number === 1 && !fixed) throw new Error('broken')
    }
    const world = await createWorld(kind, [post, deskWith({ onLetter, limits: { attemptsMax: 2 } })])
    await sendLetters(world, 'a1', 'a2')
    await world.settle()
    expect(deferredLetters(world)).toEqual(['a@1 parked', 'a@2 blocked'])
    for (let day = 1; day <= 30; day++) {
      await sendLetters(world, `b${day}`)
      await world.settle()
    }
    await world.restart()
    world.clock.setNow(world.clock.now() + 30 * 86_400_000)
    fixed = true
    const [first, second] = await Promise.all([
      world.run(redrive(world.system.service('desk'), {}, { dryRun: false })),
      world.run(redrive(world.system.service('desk'), {}, { dryRun: false })),
    ])
    expect(first).toHaveLength(1)
    expect(second?.length).toBeLessThanOrEqual(1)
    await world.settle()
    expect(await world.run(redrive(world.system.service('desk'), {}, { dryRun: false }))).toEqual([])
    await world.settle()
    expect((await lettersRead(world)).a).toEqual([1, 2])
    expect(await publishedBy(world, 'desk')).toHaveLength(32)
    await world.close()
  },
)

async function killedRedrive(kind: EngineKind, spoil?: Between['spoil']): Promise<void> {
  let fixed = false
  const onLetter = ({ to, number }: { to: string; number: number }) => {
    if (to === 'a' && number === 1 && !fixed) throw new Error('broken')
  }
  const services = [post, deskWith({ onLetter, limits: { attemptsMax: 2 } })]
  await killSweep(
    kind,
    {
      services: () => services,
      prepare: async (world) => {
        fixed = false
        await sendLetters(world, 'a1', 'b1', 'a2')
        await world.settle()
        await sendLetters(world, 'a3', 'b2')
        await world.settle()
      },
      run: async (world) => {
        fixed = true
        await world.run(redrive(world.system.service('desk'), {}, { dryRun: false }))
      },
      outcome: async (world) => {
        const read = await lettersRead(world)
        const outcome = { read, deferred: deferredLetters(world), published: (await publishedBy(world, 'desk')).length }
        expect(outcome, 'each once').toEqual({ read: { a: [1, 2, 3], b: [1, 2] }, deferred: [], published: 5 })
        return outcome
      },
    },
    3,
    spoil,
  )
}

promise('P3', 'a redrive that is killed at any commit, and repeated, has one effect [trap: inbox-race]', (kind) =>
  killedRedrive(kind),
)
brokenPromise('P3', 'an engine that keeps a deferred event although it was handled', (kind) =>
  killedRedrive(kind, (unit) => ({
    ...unit,
    rows: unit.rows.filter(({ table, row }) => table !== 'tidings.held' || row !== null),
  })),
)

promise('P3', 'of two appends that expect the same version of a stream, one succeeds', async (kind) => {
  const world = await createWorld(kind, [orders])
  const service = world.system.service('orders')
  const [declared] = orders.deciders
  if (declared === undefined) throw new Error('no decider')
  const fact = (cents: number) => ({ type: 'placed', data: { customerId: 'c1', cents } })
  const append = (expectedVersion: number, cents: number) =>
    service.append(declared.decider, 'o1', [fact(cents)], { expectedVersion }).catch((error: unknown) => error)
  const firsts = await world.run(Promise.all([append(0, 1), append(0, 2), append(0, 3)]))
  expect(firsts?.filter((answer) => answer === 1)).toHaveLength(1)
  for (const answer of firsts ?? [])
    if (answer !== 1) expect(answer).toMatchObject({ code: 'EXPECTED_VERSION', details: { expected: 0, actual: 1 } })
  expect(await world.run(append(5, 4))).toMatchObject({ code: 'EXPECTED_VERSION', details: { expected: 5, actual: 1 } })
  expect(await world.run(append(1, 5))).toBe(2)
  const { facts } = await service.store.readFacts({ after: '', limit: 100 })
  expect(facts.map(({ streamVersion }) => streamVersion)).toEqual([1, 2])
  expect(await publishedBy(world, 'orders')).toHaveLength(2)
  await world.close()
})

async function doubledCommands(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [orders], between)
  const place = (orderId: string, key?: string, cents = 1) =>
    send(world, 'orders', 'place-order', { orderId, customerId: 'c1', cents }, key).catch((error: unknown) => error)
  const answers = await Promise.all(['k1', 'k1', 'k1', 'k1', 'k1'].map((key) => place('o1', key)))
  const ids = new Set(answers.map((answer) => (answer as { commandId: string }).commandId))
  expect(ids.size, 'every duplicate gets the one answer').toBe(1)
  expect(answers.filter((answer) => !(answer as { replayed: boolean }).replayed)).toHaveLength(1)
  expect(await publishedBy(world, 'orders')).toHaveLength(1)
  expect(await place('o1', 'k1')).toMatchObject({ accepted: true, replayed: true, commandId: [...ids][0] })
  // A rejection is an answer too, and is kept.
  const no = await place('o1', 'k2')
  expect(no).toMatchObject({ accepted: false, replayed: false, rejection: { code: 'already-placed' } })
  await world.restart()
  world.clock.setNow(world.clock.now() + 90 * 86_400_000)
  expect(await place('o1', 'k2')).toMatchObject({
    accepted: false,
    replayed: true,
    rejection: { code: 'already-placed' },
  })
  expect(await place('o1', 'k1', 2), 'another input').toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  const change = send(world, 'orders', 'change-order', { orderId: 'o1', change: 1 }, 'k1')
  expect(await change.catch((error: unknown) => error), 'a key belongs to its command').toMatchObject({
    replayed: false,
  })
  expect(await publishedBy(world, 'orders')).toHaveLength(2)
  await world.close()
}

promise('P3', 'one idempotency key, one effect: at once, later, after a restart [trap: inbox-race]', (kind) =>
  doubledCommands(kind),
)
brokenPromise('P3', 'an engine does not check what a command has read', (kind) =>
  doubledCommands(kind, {
    spoil: (unit) => ({ ...unit, checks: [], appends: [] }),
  }),
)

async function twoRuntimes(kind: EngineKind, spoil = (unit: CommitUnit) => unit): Promise<void> {
  const gates: (() => void)[] = []
  let stuck = true
  // The first runtime is paused in the middle of its first letter, as by a long pause of its machine.
  const onLetter = () => (stuck ? new Promise<void>((resolve) => gates.push(resolve)) : undefined)
  const world: World = await createWorld(kind, [post, deskWith({ onLetter })], { spoil })
  await sendLetters(world, 'a1', 'b1')
  await world.advance(10)
  expect(gates.length).toBeGreaterThan(0)
  stuck = false
  const second = await secondRuntime(world, 'desk', { spoil })
  await world.advance(10)
  expect(await lettersRead(world), 'the second has taken over').toEqual({ a: [1], b: [1] })
  for (const open of gates) open()
  await sendLetters(world, 'a2', 'b2')
  await world.advance(5_000)
  expect(await lettersRead(world), 'the zombie changes nothing').toEqual({ a: [1, 2], b: [1, 2] })
  expect([...(await publishedBy(world, 'desk'))].sort()).toHaveLength(4)
  await world.run(second.close())
  await sendLetters(world, 'a3')
  await world.settle()
  expect(await lettersRead(world), 'the first continues where the second ended').toEqual({ a: [1, 2, 3], b: [1, 2] })
  await world.close()
}

promise('P3', 'a runtime that slept through its replacement is fenced off [trap: zombie]', (kind) => twoRuntimes(kind))
brokenPromise('P3', 'an engine without the fence', (kind) => twoRuntimes(kind, unchecked))

promise('P3', 'a second writer for one store is refused [trap: zombie]', async (kind) => {
  const world = await createWorld(kind, [post])
  const refused = await (async () => world.system.engine.openStore('post'))().catch((error: unknown) => error)
  expect(isTidingsError(refused, 'STORE_LOCKED')).toBe(true)
  await world.close()
})
