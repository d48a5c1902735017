// P1, P3 and P7 for effects: requested with everything else or not at all, performed after that, at least once under one idempotency key,
// once in outcome, and never during a rebuild.

import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { killSweep } from './setup/kill-sweep.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { type CourierOptions, courierWith, deliveries, notebook } from './systems/deliveries.ts'
import { publishedBy, rowsOf, send } from './systems/fulfilment.ts'
import { deferredLetters, type Letter, post, sendLetters } from './systems/letters.ts'

async function requested(kind: EngineKind, tooSoon = false, between: Between = {}): Promise<void> {
  const { asked, note } = notebook()
  const onLetter = (letter: Letter) => {
    // A service that calls the outside in its handler.
    if (tooSoon) note(letter, { idempotencyKey: 'none', attempt: 1, signal: new AbortController().signal })
    if (letter.to === 'a') throw new Error('after all')
  }
  const world = await createWorld(
    kind,
    [post, courierWith({ deliver: note, onLetter, limits: { attemptsMax: 2 } })],
    between,
  )
  await sendLetters(world, 'a1', 'b1')
  await world.settle()
  expect(deferredLetters(world, 'courier')).toEqual(['a@1 parked'])
  expect(asked, 'a handler that failed has requested nothing').toEqual(['b1'])
  expect(await deliveries(world)).toEqual({ b: [1] })
  await world.close()
}

promise('P1', 'an effect is requested with the rest of its unit of work, or not at all', (kind) => requested(kind))
brokenPromise('P1', 'a service that calls the outside in its handler', (kind) => requested(kind, true))
brokenPromise('P1', 'an engine that leaves effects out', (kind) =>
  requested(kind, false, {
    spoil: (unit) => ({ ...unit, rows: unit.rows.filter(({ table }) => table !== 'tidings.agenda') }),
  }),
)

async function swept(kind: EngineKind, how: { forgetful?: boolean; smuggled?: boolean } = {}): Promise<void> {
  let book = notebook()
  let world: World
  const countPast = async ({ to }: Letter) => {
    if (how.smuggled !== true) return
    const { store } = world.system.service('courier')
    const { revision = 0 } = (await store.get('delivered', `also ${to}`)) ?? {}
    const json = JSON.stringify({ to: `also ${to}`, numbers: [revision], counted: 0 })
    const row = { schemaVersion: 1, json, columns: [] }
    await store.commit({ checks: [], appends: [], events: [], rows: [{ table: 'delivered', key: `also ${to}`, row }] })
  }
  await killSweep(
    kind,
    {
      services: () => [
        post,
        courierWith({
          deliver: (letter, asked) =>
            book.note(letter, how.forgetful === true ? { ...asked, idempotencyKey: `${Math.random()}` } : asked),
          onOutcome: countPast,
        }),
      ],
      prepare: async (prepared) => {
        book = notebook()
        world = prepared
      },
      run: async (running) => {
        world = running
        const letters = ['a1', 'b1', 'a2'].map((text) => ({ to: text.charAt(0), number: Number(text.charAt(1)) }))
        await send(running, 'post', 'send-letters', { letters }, 'all')
      },
      outcome: async (ended) => {
        for (const [name, keys] of book.keys) expect(keys.size, `${name} was asked under one key`).toBe(1)
        expect([...book.keys.keys()].sort(), 'everything was performed').toEqual(['a1', 'a2', 'b1'])
        const rows = await deliveries(ended)
        if (how.smuggled !== true) expect(rows).toEqual({ a: [1, 2], b: [1] })
        return {
          rows,
          published: [...(await publishedBy(ended, 'courier'))].sort(),
          left: await rowsOf(ended, 'courier', 'tidings.agenda'),
          queued: await rowsOf(ended, 'courier', 'tidings.queues'),
        }
      },
    },
    3,
  )
}

promise('P3', 'killed at any commit, an effect is performed at least once under one key, and has one outcome', (kind) =>
  swept(kind),
)
brokenPromise('P3', 'a service that makes a key for each attempt', (kind) => swept(kind, { forgetful: true }))
brokenPromise('P3', 'an outcome that writes outside its unit of work', (kind) => swept(kind, { smuggled: true }))

async function retried(kind: EngineKind, options: CourierOptions = {}): Promise<void> {
  const { asked, keys, note } = notebook()
  const attempts: number[] = []
  let fixed = false
  const world = await createWorld(kind, [
    post,
    courierWith({
      attemptsMax: 3,
      deliver: (letter, context) => {
        note(letter, context)
        if (letter.to === 'a') attempts.push(context.attempt)
        if (letter.to === 'a' && letter.number === 1 && !fixed) throw new Error('busy')
      },
      ...options,
    }),
  ])
  await sendLetters(world, 'a1', 'a2', 'b1')
  await world.settle()
  expect(attempts).toEqual([1, 2, 3])
  expect(await deliveries(world), 'only its key waits').toEqual({ b: [1] })
  const deferred = () =>
    deferredEvents(world.system.service('courier')).map(({ type, key, state }) => `${type} ${key} ${state}`)
  expect(deferred()).toEqual(['deliver a parked', 'deliver a blocked'])
  world.kill()
  await world.restart()
  expect(deferred(), 'kept').toEqual(['deliver a parked', 'deliver a blocked'])
  fixed = true
  await world.run(redrive(world.system.service('courier'), {}, { dryRun: false }))
  await world.settle()
  expect(deferred()).toEqual([])
  expect(await deliveries(world)).toEqual({ a: [1, 2], b: [1] })
  expect(asked.filter((name) => name === 'a1')).toHaveLength(4)
  expect(keys.get('a1')?.size, 'one key for all attempts, a crash and a redrive').toBe(1)
  await world.close()
}

promise('P3', 'an effect that fails is retried, parked and redriven under one idempotency key', (kind) => retried(kind))
brokenPromise('P3', 'a service that takes a failure for success', (kind) => retried(kind, { deliver: () => {} }))

async function conflicting(kind: EngineKind, again = false): Promise<void> {
  const { asked, note } = notebook()
  let runs = 0
  const world: World = await createWorld(kind, [
    post,
    courierWith({
      deliver: note,
      onOutcome: async (letter) => {
        // A command changes the row that the outcome has read.
        if (++runs === 1) await world.system.service('courier').command('count', { to: letter.to })
        if (again) note(letter, { idempotencyKey: '', attempt: 1, signal: new AbortController().signal })
      },
    }),
  ])
  await sendLetters(world, 'a1')
  await world.settle()
  expect(runs, 'the outcome ran again').toBeGreaterThan(1)
  expect(asked, 'the outside was asked once').toEqual(['a1'])
  expect(await rowsOf(world, 'courier', 'delivered')).toEqual([{ to: 'a', numbers: [1], counted: 1 }])
  expect(await publishedBy(world, 'courier')).toHaveLength(1)
  await world.close()
}

promise('P3', 'an outcome that meets a conflict runs again; the effect is not performed again', (kind) =>
  conflicting(kind),
)
brokenPromise('P3', 'a service that calls the outside in its outcome', (kind) => conflicting(kind, true))

promise(
  'P3',
  'an outcome that fails is retried; the effect is not performed again while the process runs',
  async (kind) => {
    const { asked, note } = notebook()
    let failures = 0
    const onOutcome = () => {
      if (++failures < 3) throw new Error('cannot note it')
    }
    const world = await createWorld(kind, [post, courierWith({ deliver: note, onOutcome })])
    await sendLetters(world, 'a1')
    await world.settle()
    expect(asked).toEqual(['a1'])
    expect(await deliveries(world)).toEqual({ a: [1] })
    await world.close()
  },
)

async function closing(kind: EngineKind): Promise<void> {
  const { keys, note } = notebook()
  const signals: AbortSignal[] = []
  const world = await createWorld(kind, [
    post,
    courierWith({
      timeoutMs: 3_600_000,
      deliver: (letter, context) => {
        note(letter, context)
        signals.push(context.signal)
        return signals.length === 1 ? new Promise(() => {}) : undefined
      },
    }),
  ])
  await sendLetters(world, 'a1')
  await world.advance(100)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  const before = world.clock.monotonicMs()
  await world.restart()
  expect(signals[0]?.aborted, 'aborted').toBe(true)
  expect(world.clock.monotonicMs() - before, 'without waiting for it').toBeLessThan(1_000)
  await world.settle()
  expect(signals).toHaveLength(2)
  expect(keys.get('a1')?.size).toBe(1)
  expect(await deliveries(world)).toEqual({ a: [1] })
  await world.close()
}

promise('P3', 'closing aborts what is being performed; it is performed again under its key', closing)

promise('P7', 'no effect is performed during a rebuild [trap: replay-storm]', async (kind) => {
  const { asked, note } = notebook()
  const world = await createWorld(kind, [post, courierWith({ deliver: note })])
  await sendLetters(world, 'a1', 'b1', 'a2')
  await world.settle()
  await world.run(world.system.service('courier').rebuild('seen'))
  await world.settle()
  expect(asked).toHaveLength(3)
  expect((await rowsOf(world, 'courier', 'seen@2')).map(({ to, count }) => `${to}${count}`)).toEqual(['a2', 'b1'])
  await world.close()
})

async function since(kind: EngineKind, effectsFrom: (world: World) => Date | 'now' | undefined): Promise<void> {
  const { asked, note } = notebook()
  const world = await createWorld(kind, [post])
  await sendLetters(world, 'a1')
  await world.advance(60_000)
  const from = effectsFrom(world)
  const courier = courierWith({ deliver: note, ...(from === undefined ? {} : { effectsFrom: from }) })
  await world.restart([post, courier])
  await world.settle()
  await world.advance(1_000)
  await sendLetters(world, 'a2')
  await world.settle()
  expect(asked, 'only what came later').toEqual(['a2'])
  await world.restart([post])
  await sendLetters(world, 'a3')
  await world.advance(60_000)
  await world.restart([post, courier])
  await world.settle()
  expect(asked, 'what came while it was down, too').toEqual(['a2', 'a3'])
  await world.close()
}

promise('P7', 'a catch-up performs the effects requested after a given time [trap: replay-storm]', (kind) =>
  since(kind, (world) => new Date(world.clock.now() - 1)),
)
promise(
  'P7',
  'a catch-up performs the effects requested after its first run, whose time is kept [trap: replay-storm]',
  (kind) => since(kind, () => 'now'),
)
brokenPromise('P7', 'a handler without effectsFrom', (kind) => since(kind, () => undefined))
