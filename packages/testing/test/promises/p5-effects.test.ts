// P4, P5 and P11 for effects: in order per key and side by side, with a timeout and attempts of their own, and a circuit breaker that
// pauses after repeated failures.

import { TidingsError } from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { type CourierOptions, courierWith, deliveries, notebook } from './systems/deliveries.ts'
import { post, sendLetters } from './systems/letters.ts'

async function sideBySide(kind: EngineKind, inParallelMax: number): Promise<void> {
  let running = 0
  let most = 0
  const order: string[] = []
  const world: World = await createWorld(kind, [
    post,
    courierWith({
      inParallelMax,
      deliver: async ({ to, number }) => {
        most = Math.max(most, ++running)
        order.push(`${to}${number}`)
        // The first of a key takes longest.
        await world.pause(100 - number * 10)
        running--
      },
    }),
  ])
  await sendLetters(world, ...['1', '2', '3'].flatMap((number) => [...'abcdef'].map((to) => `${to}${number}`)))
  await world.settle()
  for (const to of 'abcdef')
    expect(
      order.filter((name) => name.startsWith(to)),
      to,
    ).toEqual([`${to}1`, `${to}2`, `${to}3`])
  expect(await deliveries(world)).toEqual(Object.fromEntries([...'abcdef'].map((to) => [to, [1, 2, 3]])))
  expect(most).toBeGreaterThan(1)
  expect(most, 'no more than allowed').toBeLessThanOrEqual(4)
  await world.close()
}

promise('P4', 'effects of one key are performed in order, others side by side, up to inParallelMax', (kind) =>
  sideBySide(kind, 4),
)
brokenPromise('P4', 'all at once', (kind) => sideBySide(kind, 6))
brokenPromise('P4', 'one after the other', (kind) => sideBySide(kind, 1))

async function timedOut(kind: EngineKind, timeoutMs: number): Promise<void> {
  const signals: AbortSignal[] = []
  const world = await createWorld(kind, [
    post,
    courierWith({
      timeoutMs,
      attemptsMax: 2,
      deliver: ({ to }, { signal }) => {
        if (to !== 'a') return undefined
        signals.push(signal)
        return new Promise(() => {})
      },
    }),
  ])
  await sendLetters(world, 'a1', 'b1')
  await world.advance(10_000)
  expect(deferredEvents(world.system.service('courier'))).toMatchObject([
    { key: 'a', state: 'parked', attempts: 2, error: { code: 'EFFECT_TIMEOUT' } },
  ])
  expect(
    signals.map(({ aborted }) => aborted),
    'it is aborted',
  ).toEqual([true, true])
  expect(await deliveries(world)).toEqual({ b: [1] })
  await world.close()
}

promise('P5', 'an effect that never ends times out, is aborted, and is parked when its attempts are used up', (kind) =>
  timedOut(kind, 1_000),
)
brokenPromise('P5', 'a timeout of an hour', (kind) => timedOut(kind, 3_600_000))

async function refused(kind: EngineKind, error: () => Error): Promise<void> {
  const { asked, note } = notebook()
  const world = await createWorld(kind, [
    post,
    courierWith({
      deliver: (letter, context) => {
        note(letter, context)
        if (letter.to === 'a') throw error()
      },
    }),
  ])
  await sendLetters(world, 'a1', 'b1')
  await world.settle()
  expect(asked.sort(), 'asked once').toEqual(['a1', 'b1'])
  expect(deferredEvents(world.system.service('courier'))).toMatchObject([
    { state: 'parked', attempts: 1, error: { code: 'EFFECT_REFUSED', message: 'There is no such address.' } },
  ])
  await world.close()
}

promise('P5', 'what the outside refuses is parked at once', (kind) =>
  refused(kind, () => new TidingsError('EFFECT_REFUSED', 'There is no such address.')),
)
brokenPromise('P5', 'an error that says a retry may help', (kind) =>
  refused(kind, () => new Error('There is no such address.')),
)

async function broken(kind: EngineKind, options: CourierOptions = {}): Promise<void> {
  const times: number[] = []
  let up = false
  const world: World = await createWorld(kind, [
    post,
    courierWith({
      breaker: { failures: 3, pauseMs: 60_000 },
      attemptsMax: 10,
      deliver: () => {
        times.push(world.clock.monotonicMs())
        if (!up) throw new Error('down')
      },
      ...options,
    }),
  ])
  await sendLetters(world, 'a1', 'b1', 'c1', 'd1')
  await world.advance(30_000)
  const first = times.length
  // Four effects are being performed when it opens.
  expect(first, 'open after three failures').toBeLessThanOrEqual(4)
  const [status] = world.system.service('courier').status.subscriptions.filter(({ kind: of }) => of === 'effects')
  expect(status).toMatchObject({ state: 'paused', error: { code: 'EFFECT_PAUSED' }, parked: 0 })
  await world.advance(33_000)
  expect(times.length, 'half open: one alone').toBe(first + 1)
  up = true
  await world.advance(55_000)
  expect(times.length, 'open again').toBe(first + 1)
  await world.advance(10_000)
  await world.settle()
  expect(await deliveries(world), 'closed').toEqual({ a: [1], b: [1], c: [1], d: [1] })
  expect(times.length).toBe(first + 5)
  await world.close()
}

promise('P5', 'after repeated failures the breaker opens, then tries one effect; waiting is no attempt', (kind) =>
  broken(kind),
)
brokenPromise('P5', 'no circuit breaker', (kind) => broken(kind, { breaker: { failures: 1_000, pauseMs: 1 } }))

async function notCounted(kind: EngineKind, attemptsMax: number): Promise<void> {
  let up = false
  const deliver = () => {
    if (!up) throw new Error('down')
  }
  const breaker = { failures: 1, pauseMs: 30_000 }
  const world = await createWorld(kind, [post, courierWith({ breaker, attemptsMax, deliver })])
  await sendLetters(world, 'a1')
  // Three attempts, and many checks of a breaker that is open.
  await world.advance(80_000)
  expect(deferredEvents(world.system.service('courier'))).toMatchObject([{ state: 'waiting', attempts: 3 }])
  up = true
  await world.advance(40_000)
  expect(await deliveries(world)).toEqual({ a: [1] })
  await world.close()
}

promise('P5', 'what waits for the breaker does not use up its attempts', (kind) => notCounted(kind, 4))
brokenPromise('P5', 'fewer attempts than were made', (kind) => notCounted(kind, 2))
