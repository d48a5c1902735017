// P5 A poisoned event blocks only its own key: it is retried with backoff, parked with what follows, redriven in order. Nothing is dropped.

import { TidingsError } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { publishedBy } from './systems/fulfilment.ts'
import {
  type DeskOptions,
  deferredLetters,
  deskWith,
  type Letter,
  type LetterContext,
  lettersRead,
  post,
  sendLetters,
} from './systems/letters.ts'

const limits = { retryDelayMs: 100, retryDelayMsMax: 1_000, attemptsMax: 6 }

async function backoff(kind: EngineKind, options: DeskOptions = {}, between: Between = {}): Promise<void> {
  const tries: number[] = []
  const world: World = await createWorld(
    kind,
    [
      post,
      deskWith({
        limits,
        onLetter: ({ to }) => {
          if (to !== 'a') return
          tries.push(world.clock.now())
          throw new Error('always')
        },
        ...options,
      }),
    ],
    between,
  )
  await sendLetters(world, 'a1', 'b1', 'a2', 'c1')
  await world.settle()
  await sendLetters(world, 'a3', 'b2')
  await world.settle()
  const pauses = tries.slice(1).map((time, index) => time - (tries[index] ?? 0))
  // A batch that fails on the fast path runs its first event again by itself: that is not counted as an attempt.
  expect(pauses.filter((pause) => pause > 0)).toHaveLength(5)
  for (const [index, full] of [100, 200, 400, 800, 1_000].entries()) {
    const pause = pauses.filter((ms) => ms > 0)[index] ?? 0
    expect(pause, `pause ${index + 1}`).toBeGreaterThanOrEqual(full * 0.8)
    expect(pause, `pause ${index + 1}`).toBeLessThanOrEqual(full + 1)
  }
  expect(deferredLetters(world)).toEqual(['a@1 parked', 'a@3 blocked', 'a@5 blocked'])
  const [head] = deferredEvents(world.system.service('desk'))
  expect(head).toMatchObject({ attempts: 6, error: { code: 'HANDLER_FAILED', message: 'Error: always' } })
  expect(await lettersRead(world), 'all others flow').toEqual({ b: [1, 2], c: [1] })
  await world.close()
}

promise(
  'P5',
  'a poisoned event is retried with growing delays, then parked with the later events of its key [trap: poison]',
  (kind) => backoff(kind),
)
brokenPromise('P5', 'a service that swallows what it cannot read', (kind) => backoff(kind, { onLetter: () => {} }))
brokenPromise('P5', 'a broker that withholds what is poisoned', (kind) =>
  backoff(
    kind,
    {},
    { broker: (broker) => ({ ...broker, read: async (...asked) => withoutA(await broker.read(...asked)) }) },
  ),
)

function withoutA<P extends { events: readonly { key: string }[] }>(page: P): P {
  return { ...page, events: page.events.filter(({ key }) => key !== 'a') }
}

/** A desk that cannot read a1 and a3 until it is fixed. */
function fragile() {
  const state = { broken: new Set(['a1', 'a3']) }
  const onLetter = ({ to, number }: Letter) => {
    if (state.broken.has(`${to}${number}`)) throw new Error(`cannot read ${to}${number}`)
  }
  return { state, desk: deskWith({ onLetter, limits: { attemptsMax: 2 } }) }
}

async function redriven(kind: EngineKind, spoil?: Between['spoil']): Promise<void> {
  const { state, desk } = fragile()
  const world = await createWorld(kind, [post, desk], spoil === undefined ? {} : { spoil })
  await sendLetters(world, 'a1', 'b1', 'a2', 'a3', 'a4')
  await world.settle()
  expect(deferredLetters(world)).toEqual(['a@1 parked', 'a@3 blocked', 'a@4 blocked', 'a@5 blocked'])
  const go = (dryRun: boolean) => world.run(redrive(world.system.service('desk'), { key: 'a' }, { dryRun }))
  const commits = world.commits
  const planned = await go(true)
  expect(planned?.map(({ key, events }) => [key, events.map(({ position }) => Number(position))])).toEqual([
    ['a', [1, 3, 4, 5]],
  ])
  expect(world.commits, 'a dry run changes nothing').toBe(commits)
  await world.settle()
  expect(await lettersRead(world)).toEqual({ b: [1] })

  expect(await go(false), 'the redrive does what the dry run said').toEqual(planned)
  await world.settle()
  expect(deferredLetters(world), 'not fixed: parked again').toEqual([
    'a@1 parked',
    'a@3 blocked',
    'a@4 blocked',
    'a@5 blocked',
  ])
  state.broken.delete('a1')
  await go(false)
  await world.settle()
  expect(await lettersRead(world), 'up to the next that fails').toEqual({ a: [1, 2], b: [1] })
  expect(deferredLetters(world)).toEqual(['a@4 parked', 'a@5 blocked'])
  state.broken.clear()
  world.kill()
  await world.restart()
  await go(false)
  await sendLetters(world, 'a5')
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 4, 5], b: [1] })
  expect(deferredLetters(world)).toEqual([])
  await world.close()
}

promise(
  'P5',
  'a redrive shows what it will do, keeps the order, and parks again what fails again [trap: poison]',
  (kind) => redriven(kind),
)
brokenPromise('P5', 'an engine that loses what is blocked behind a parked event', (kind) =>
  redriven(kind, (unit) => ({
    ...unit,
    rows: unit.rows.filter(({ table, row }) => table !== 'tidings.held' || row?.json.includes('"queued"') !== true),
  })),
)

async function neverRetried(kind: EngineKind, code: 'INVALID_PAYLOAD' | 'HANDLER_FAILED'): Promise<void> {
  let tries = 0
  const onLetter = ({ to }: Letter) => {
    if (to !== 'a') return
    tries++
    throw new TidingsError(code, 'This cannot be read, ever.')
  }
  const world = await createWorld(kind, [post, deskWith({ onLetter })])
  await sendLetters(world, 'a1')
  await world.advance(1)
  expect(deferredLetters(world)).toEqual(['a@1 parked'])
  await sendLetters(world, 'a2', 'b1')
  await world.settle()
  expect(tries).toBe(1)
  expect(await lettersRead(world)).toEqual({ b: [1] })
  await world.close()
}

promise('P5', 'what can never succeed is parked at once [trap: poison]', (kind) =>
  neverRetried(kind, 'INVALID_PAYLOAD'),
)
brokenPromise('P5', 'an error that says a retry may help', (kind) => neverRetried(kind, 'HANDLER_FAILED'))

async function timedOut(kind: EngineKind, handlerTimeoutMs: number): Promise<void> {
  let late: (() => void) | undefined
  const lateErrors: unknown[] = []
  const onLetter = ({ to }: Letter, { publish }: LetterContext) => {
    if (to !== 'a') return undefined
    // Much later the handler continues, and tries to publish.
    return new Promise<void>((resolve) => {
      late = () => {
        try {
          publish()
        } catch (error) {
          lateErrors.push(error)
        }
        resolve()
      }
    })
  }
  const desk = deskWith({ onLetter, limits: { handlerTimeoutMs, attemptsMax: 2, retryDelayMs: 10 } })
  const world = await createWorld(kind, [post, desk])
  await sendLetters(world, 'a1', 'b1')
  await world.advance(2_500)
  expect(await lettersRead(world), 'the others are through').toEqual({ b: [1] })
  await world.advance(2_500)
  const [head] = deferredEvents(world.system.service('desk'))
  expect(head).toMatchObject({ state: 'parked', attempts: 2, error: { code: 'HANDLER_TIMEOUT' } })
  late?.()
  expect(lateErrors).toMatchObject([{ code: 'UNIT_CLOSED' }])
  await world.settle()
  expect(await publishedBy(world, 'desk')).toHaveLength(1)
  expect(await lettersRead(world), 'what comes late has no effect').toEqual({ b: [1] })
  await world.close()
}

promise('P5', 'a handler that never answers times out, and what it does late has no effect', (kind) =>
  timedOut(kind, 1_000),
)
brokenPromise('P5', 'a timeout of an hour', (kind) => timedOut(kind, 3_600_000))

async function fullList(kind: EngineKind, deferredCountMax: number): Promise<void> {
  let fixed = false
  const onLetter = ({ to, number }: Letter) => {
    if (to === 'a' && number === 1 && !fixed) throw new TidingsError('INVALID_PAYLOAD', 'This cannot be read.')
  }
  const world = await createWorld(kind, [post, deskWith({ onLetter, limits: { deferredCountMax, batchCountMax: 1 } })])
  await sendLetters(world, 'a1', 'a2', 'b1', 'a3', 'b2', 'a4', 'b3')
  await world.advance(30_000)
  expect(await lettersRead(world), 'nothing goes past a full list').toEqual({ b: [1] })
  const [status] = world.system.service('desk').status.subscriptions
  expect(status).toMatchObject({ state: 'paused', error: { code: 'DEFERRED_LIST_FULL' }, parked: 1, blocked: 2 })
  expect(
    world.lines.filter(({ fields }) => fields.code === 'DEFERRED_LIST_FULL'),
    'logged once',
  ).toHaveLength(1)
  fixed = true
  await world.run(redrive(world.system.service('desk'), {}, { dryRun: false }))
  await world.settle()
  expect(await lettersRead(world)).toEqual({ a: [1, 2, 3, 4], b: [1, 2, 3] })
  await world.close()
}

promise(
  'P5',
  'a full list of deferred events pauses the subscription, and a redrive lets it continue [trap: poison]',
  (kind) => fullList(kind, 3),
)
brokenPromise('P5', 'a list without a limit', (kind) => fullList(kind, 1_000))

promise(
  'P5',
  'a commit that the store refuses is a failure of its event, also on a retry: counted, parked, redriven [trap: poison]',
  async (kind) => {
    let refuses = true
    let failed = false
    const world = await createWorld(
      kind,
      [
        post,
        deskWith({
          limits: { attemptsMax: 4 },
          onLetter: ({ to, number }) => {
            if (to !== 'a' || number !== 1 || failed) return
            failed = true
            throw new Error('at first')
          },
        }),
      ],
      {
        beforeCommit: ({ unit }) => {
          if (refuses && unit.rows.some(({ table, key }) => table === 'read' && key === 'a'))
            throw new RangeError('such rows are not kept')
        },
      },
    )
    await sendLetters(world, 'a1', 'b1', 'a2')
    await world.settle()
    expect(await lettersRead(world)).toEqual({ b: [1] })
    expect(deferredLetters(world)).toEqual(['a@1 parked', 'a@3 blocked'])
    expect(deferredEvents(world.system.service('desk'))[0]).toMatchObject({
      attempts: 4,
      error: { message: 'RangeError: such rows are not kept' },
    })
    refuses = false
    await world.run(redrive(world.system.service('desk'), {}, { dryRun: false }))
    await world.settle()
    expect(await lettersRead(world)).toEqual({ a: [1, 2], b: [1] })
    await world.close()
  },
)
