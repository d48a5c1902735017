// P3, P4 and P2 for process managers: an instance decides on one input at a time, each input has one effect, whatever crashes when, and what was
// added later handles history in order.

import { TidingsError } from 'tidings'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { killSweep } from './setup/kill-sweep.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import {
  answerAll,
  clerk,
  counted,
  type ErrandOptions,
  errandsWith,
  instanceStates,
  sendAll,
  stepsOf,
} from './systems/errands.ts'
import { rowsOf } from './systems/fulfilment.ts'
import { post } from './systems/letters.ts'

const numbers = (list: readonly { count: number }[]) => list.map(({ count }) => count)

async function racing(kind: EngineKind, between: Between = {}): Promise<void> {
  // Both sources' inputs have read the instance before either commits.
  const gates: (() => void)[] = []
  const onHeard = () =>
    new Promise<void>((resolve) => {
      if (gates.push(resolve) > 2) resolve()
    })
  const world = await createWorld(kind, [post, clerk, errandsWith()], between)
  await sendAll(world, 'start', 'a1')
  await world.settle()
  await world.restart([post, clerk, errandsWith({ onHeard })])
  await sendAll(world, 'more', 'a2')
  await answerAll(world, 'more', 'a3')
  await world.advance(100)
  expect(gates, 'both are deciding').toHaveLength(2)
  for (const open of gates) open()
  await world.advance(10_000)
  await world.settle()
  const all = await counted(world, 'a')
  expect(numbers(all), 'each decided on the state that the other left').toEqual([1, 2, 3])
  expect(all.map(({ heard }) => heard).sort(), 'each input once').toEqual(['a1', 'a2', 'answer a3'])
  expect((await stepsOf(world, 'a')).map(({ number }) => number)).toEqual([1, 2, 3])
  await world.close()
}

promise(
  'P3',
  'two concurrent inputs of one instance: one decides after the other, and nothing is published twice [trap: process-race]',
  (kind) => racing(kind),
)
brokenPromise('P3', 'an engine that does not check what was read, nor the version of a stream', (kind) =>
  racing(kind, {
    spoil: (unit) => ({ ...unit, checks: [], appends: [] }),
  }),
)

async function swept(kind: EngineKind, spoil?: Between['spoil']): Promise<void> {
  await killSweep(
    kind,
    {
      services: () => [post, clerk, errandsWith()],
      prepare: async () => {},
      run: async (world) => {
        await sendAll(world, 'first', 'a1', 'b1')
        await world.settle()
        await answerAll(world, 'answers', 'a2', 'b9')
        await sendAll(world, 'second', 'a3')
        await world.settle()
        if (!world.dead) await world.advance(120_000)
      },
      outcome: async (world) => {
        const a = await counted(world, 'a')
        expect(numbers(a), 'counted without a gap').toEqual([1, 2, 3, 4])
        return {
          a: a.map(({ heard }) => heard).sort(),
          b: await counted(world, 'b'),
          instanceStates: await instanceStates(world),
          steps: [(await stepsOf(world, 'a')).length, (await stepsOf(world, 'b')).length],
          schedule: await rowsOf(world, 'errands', 'tidings.agenda'),
        }
      },
    },
    7,
    spoil,
  )
}

promise('P3', 'killed at any commit, each input of a process has one effect', (kind) => swept(kind))
brokenPromise('P3', 'an engine that loses the facts of a process', (kind) =>
  swept(kind, (unit) => ({ ...unit, appends: [] })),
)

async function startsAgain(kind: EngineKind, between: Between = {}): Promise<void> {
  const world = await createWorld(kind, [post, clerk, errandsWith()], between)
  await answerAll(world, 'too soon', 'a1')
  await sendAll(world, 'nothing', 'a0', 'b99')
  await world.settle()
  expect(await instanceStates(world), 'no instance, nothing decided, nothing left').toEqual({})
  expect(await rowsOf(world, 'errands', 'tidings.process-steps')).toEqual([])
  await sendAll(world, 'start', 'a1')
  await world.settle()
  await answerAll(world, 'end', 'a9')
  await world.settle()
  expect(await instanceStates(world)).toEqual({ a: 'ended 1' })
  await world.advance(120_000)
  expect(await counted(world, 'a'), 'its timers ended with it').toHaveLength(2)
  await answerAll(world, 'too late', 'a2')
  await world.settle()
  expect(await counted(world, 'a')).toHaveLength(2)
  await sendAll(world, 'again', 'a2')
  await world.settle()
  expect(await instanceStates(world)).toEqual({ a: 'running 2' })
  await world.restart()
  await world.advance(120_000)
  expect(await counted(world, 'a'), 'a new run has a state of its own').toEqual([
    { count: 1, heard: 'a1' },
    { count: 2, heard: 'answer a9' },
    { count: 1, heard: 'a2' },
    { count: 2, heard: 'remind' },
  ])
  await world.close()
}

promise('P3', 'an instance starts, ends and starts again; events that belong to no instance leave nothing', (kind) =>
  startsAgain(kind),
)
brokenPromise('P3', 'an engine that keeps the timers of an instance that has ended', (kind) =>
  startsAgain(kind, {
    spoil: (unit) => ({
      ...unit,
      rows: unit.rows.filter(
        ({ table, row }) => table !== 'tidings.processes' || row?.json.includes('"ended"') !== true,
      ),
    }),
  }),
)

promise('P9', 'the history of an instance shows every step: its input, its facts, its timers', async (kind) => {
  const world = await createWorld(kind, [post, clerk, errandsWith()])
  await sendAll(world, 'start', 'a1')
  await world.settle()
  await world.advance(60_001)
  await answerAll(world, 'end', 'a9')
  await world.settle()
  const { events } = await world.system.service('errands').store.readEventLog({ after: '', limit: 10 })
  const steps = await stepsOf(world, 'a')
  const dueAt = steps[0]?.timers[0]?.dueAt
  expect(steps).toMatchObject([
    {
      number: 1,
      run: 1,
      version: 1,
      input: { kind: 'event', name: 'test.letter-sent' },
      timers: [{ name: 'remind' }],
    },
    { number: 2, run: 1, version: 2, input: { kind: 'timer', name: 'remind', lateMs: 0 }, timers: [] },
    { number: 3, run: 1, version: 3, input: { kind: 'event', name: 'test.answer-given' }, ended: true },
  ])
  expect(dueAt).toBeGreaterThan(60_000)
  expect(steps.flatMap(({ facts }) => facts)).toEqual(['heard', 'heard', 'heard'])
  expect(steps.flatMap(({ published }) => published.map(({ id }) => id))).toEqual(events.map(({ id }) => id))
  expect(steps[0]?.input.id).toBe(events[0]?.causationId)
  await world.close()
})

async function addedLater(kind: EngineKind, options: ErrandOptions, expected: readonly number[]): Promise<void> {
  const idle = errandsWith({ withoutAnswers: true, subscriber: 'idle' })
  const world: World = await createWorld(kind, [post, clerk])
  for (let number = 1; number <= 9; number++) await sendAll(world, `${number}`, `a${number}`, `b${number}`)
  await world.restart([post, clerk, { ...idle, handlers: [], processes: [] }])
  await world.settle()
  await world.restart([post, clerk, errandsWith({ limits: { batchCountMax: 2 }, ...options })])
  for (let number = 10; number <= 12; number++) await sendAll(world, `${number}`, `a${number}`, `b${number}`)
  await world.settle()
  for (const to of 'ab') {
    expect((await counted(world, to)).map(({ heard }) => heard)).toEqual(expected.map((number) => `${to}${number}`))
    expect(numbers(await counted(world, to))).toEqual(expected.map((_, index) => index + 1))
  }
  await world.close()
}

const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
promise(
  'P2',
  'a process that is added later handles history from the beginning, in order, while more events arrive',
  (kind) => addedLater(kind, { from: 'beginning' }, all),
)
promise('P2', 'a process that is added later and starts now handles only new events', (kind) =>
  addedLater(kind, { from: 'now' }, [10, 11, 12]),
)
brokenPromise('P2', 'a process that skips what was before', (kind) => addedLater(kind, { from: 'now' }, all))

promise('P2', 'an input that is added to a process must say where it starts', async (kind) => {
  const world = await createWorld(kind, [post, clerk, errandsWith({ withoutAnswers: true })])
  await answerAll(world, 'before', 'a1')
  await sendAll(world, 'before', 'a1')
  await world.settle()
  // Another source is a new subscription, which handles its history.
  await world.restart([post, clerk, errandsWith()])
  await world.settle()
  expect((await counted(world, 'a')).map(({ heard }) => heard)).toEqual(['a1', 'answer a1'])
  await world.close()
})

promise('P2', 'a process that is added to an existing subscriber must say where it starts', async (kind) => {
  const world = await createWorld(kind, [post, errandsWith({ withoutAnswers: true, subscriber: 'shared' })])
  await sendAll(world, 'before', 'a1')
  await world.settle()
  const errand = errandsWith({ withoutAnswers: true, subscriber: 'shared' })
  const renamed = {
    ...errand,
    handlers: errand.handlers.map((handler) => ({ ...handler, name: 'other.test.letter-sent' })),
  }
  const refused = await world.restart([post, renamed]).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'LATE_HANDLER' })
  world.engine.remove()
})

async function caughtUp(kind: EngineKind, options: ErrandOptions = {}): Promise<void> {
  const world: World = await createWorld(kind, [post])
  // Each errand starts and ends within its minute.
  for (const to of 'abcdefgh') await sendAll(world, to, `${to}1`)
  await world.advance(30_000)
  for (const to of 'abcdefgh') await sendAll(world, `${to} ends`, `${to}50`)
  await world.advance(600_000)
  // The handler is slow: timers that were set meanwhile, and are overdue, could fire in between.
  const slowly = { withoutAnswers: true, limits: { batchCountMax: 2 }, onHeard: () => world.pause(50) }
  await world.restart([post, errandsWith({ ...slowly, ...options })])
  await world.settle()
  for (const to of 'abcdefgh')
    expect((await counted(world, to)).map(({ heard }) => heard)).toEqual([`${to}1`, `${to}50`])
  await world.close()
}

promise(
  'P3',
  'timers that came due during a history wait until their subscriber has caught up [trap: timers, replay-storm]',
  (kind) => caughtUp(kind),
)
brokenPromise('P3', 'a process that handles only half of it', (kind) =>
  caughtUp(kind, {
    onHeard: (heard) => {
      if (heard.endsWith('50')) throw new Error('not heard')
    },
    limits: { attemptsMax: 1, batchCountMax: 2 },
  }),
)

async function alone(kind: EngineKind, how: 'fails' | 'hangs'): Promise<void> {
  let down = false
  const world = await createWorld(kind, [post, errandsWith({ withoutAnswers: true })], {
    broker: (broker) => ({
      ...broker,
      read: async (...asked) => {
        if (down && how === 'hangs') await new Promise(() => {})
        if (down) throw new TidingsError('BROKER_UNAVAILABLE', 'The broker is down.')
        return broker.read(...asked)
      },
    }),
  })
  await sendAll(world, 'first', 'a1')
  await world.settle()
  down = true
  await world.restart()
  await world.advance(180_000)
  expect((await counted(world, 'a')).map(({ heard }) => heard)).toEqual(['a1', 'remind'])
  await world.close()
}

promise('P6', 'timers fire after a start although no source can be read', (kind) => alone(kind, 'fails'))
promise('P6', 'timers fire after a start although the broker never answers', (kind) => alone(kind, 'hangs'))
