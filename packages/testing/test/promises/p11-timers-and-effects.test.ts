// P11 Bounded, for timers and effects: invalid ones are refused with a code and leave nothing, and limits hold.

import {
  type CronTime,
  type Duration,
  defineCommand,
  defineEffect,
  defineService,
  type EffectHandlerOptions,
  timer,
} from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import { reasonOf } from '../hostile/reason-of.ts'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'
import { rowsOf, send } from './systems/fulfilment.ts'

const Tell = defineEffect('tell', { input: z.object({ to: z.string(), text: z.string() }), key: ({ to }) => to })
const Do = defineCommand('do', { input: z.object({ index: z.number() }) })

/** What a function can request at run time, whatever its types allow. */
interface Calls {
  readonly timers: {
    readonly note: {
      after(key: string, duration: Duration, data?: unknown): void
      at(key: string, moment: Date, data?: unknown): void
      every(key: string, time: CronTime, data?: unknown): void
    }
  }
  request(effect: typeof Tell, input: unknown, options?: { readonly after?: Duration }): string
}
type Attempt = (calls: Calls) => unknown

const data = { text: 'hello' }
const long = { text: 'x'.repeat(300) }
const refusals: readonly (readonly [code: string, what: string, Attempt])[] = [
  [
    'INVALID_PAYLOAD',
    'a cron expression of four fields',
    ({ timers }) => timers.note.every('k', { cron: '* * * *' }, data),
  ],
  ['INVALID_PAYLOAD', 'a minute that is none', ({ timers }) => timers.note.every('k', { cron: '60 * * * *' }, data)],
  ['INVALID_PAYLOAD', 'a day that never comes', ({ timers }) => timers.note.every('k', { cron: '0 0 31 2 *' }, data)],
  [
    'INVALID_PAYLOAD',
    'an unknown time zone',
    ({ timers }) => timers.note.every('k', { cron: '0 9 * * *', timeZone: 'Mars/Olympus' }, data),
  ],
  ['INVALID_PAYLOAD', 'a Date that is none', ({ timers }) => timers.note.at('k', new Date('soon'), data)],
  ['INVALID_PAYLOAD', 'a moment in words', ({ timers }) => timers.note.at('k', 'soon' as never, data)],
  ['INVALID_PAYLOAD', 'a negative duration', ({ timers }) => timers.note.after('k', { minutes: -1 }, data)],
  ['INVALID_PAYLOAD', 'a duration without an end', ({ timers }) => timers.note.after('k', { days: 1e300 }, data)],
  [
    'INVALID_PAYLOAD',
    'a duration of another kind',
    ({ timers }) => timers.note.after('k', { weeks: 1 } as never, data),
  ],
  ['INVALID_PAYLOAD', 'no data', ({ timers }) => timers.note.after('k', { minutes: 1 })],
  ['INVALID_PAYLOAD', 'data of another shape', ({ timers }) => timers.note.after('k', { minutes: 1 }, { text: 5 })],
  ['PAYLOAD_TOO_LARGE', 'data that are too large', ({ timers }) => timers.note.after('k', { minutes: 1 }, long)],
  ['INVALID_KEY', 'an empty key', ({ timers }) => timers.note.after('', { minutes: 1 }, data)],
  ['INVALID_KEY', 'a key with a control character', ({ timers }) => timers.note.after('a\nb', { minutes: 1 }, data)],
  ['INVALID_KEY', 'a key that is too long', ({ timers }) => timers.note.after('k'.repeat(513), { minutes: 1 }, data)],
  ['INVALID_PAYLOAD', 'an effect’s input of another shape', ({ request }) => request(Tell, { to: 5 })],
  ['PAYLOAD_TOO_LARGE', 'an effect’s input that is too large', ({ request }) => request(Tell, { to: 'k', ...long })],
  ['INVALID_KEY', 'an invalid key of an effect', ({ request }) => request(Tell, { to: '', ...data })],
  [
    'INVALID_PAYLOAD',
    'an effect at an invalid time',
    ({ request }) => request(Tell, { to: 'k', ...data }, { after: { days: 1e300 } }),
  ],
  [
    'NOT_DECLARED',
    'an effect that was not declared',
    ({ request }) => request({ ...Tell, name: 'shout' as 'tell' }, { to: 'k', ...data }),
  ],
]

function serviceOf(attempts: readonly Attempt[], payloadBytesMax = 200) {
  const definition = defineService('any', {
    timers: { note: timer(z.object({ text: z.string() })) },
    limits: { payloadBytesMax },
  })
  return definition.with({
    do: definition.command(Do, { requests: [Tell] }, ({ index }, context) => {
      attempts[index]?.(context as unknown as Calls)
    }),
    note: definition.due('note', () => {}),
    tell: definition.effect(Tell, { perform: () => undefined }),
  })
}

async function refused(kind: EngineKind, swallowed = false): Promise<void> {
  const attempts = refusals.map(([, , attempt]) => (calls: Calls) => {
    if (!swallowed) return attempt(calls)
    try {
      return attempt(calls)
    } catch {
      return undefined
    }
  })
  const world = await createWorld(kind, [serviceOf(attempts)])
  for (const [index, [code, what]] of refusals.entries()) {
    const answer = await send(world, 'any', 'do', { index })?.catch((error: unknown) => error)
    expect(reasonOf(answer), what).toBe(code)
  }
  expect(await rowsOf(world, 'any', 'tidings.agenda')).toEqual([])
  await world.settle()
  await world.close()
}

promise('P11', 'invalid timers and effects are refused where they are set, and leave nothing', (kind) => refused(kind))
brokenPromise('P11', 'a service that swallows the refusal', (kind) => refused(kind, true))

promise('P11', 'all keys that are allowed stay apart', async (kind) => {
  const keys = ['a', 'a/b', 'a/', '/a', '..', 'a#2', '%2F', 'ä', '漢', "'; drop table", '__proto__']
  const attempts = keys.map(
    (key): Attempt =>
      ({ timers, request }) => {
        timers.note.after(key, { minutes: 1 }, data)
        request(Tell, { to: key, ...data }, { after: { minutes: 1 } })
      },
  )
  const world = await createWorld(kind, [serviceOf(attempts)])
  for (const index of keys.keys()) await send(world, 'any', 'do', { index })
  expect(await rowsOf(world, 'any', 'tidings.agenda')).toHaveLength(2 * keys.length)
  await world.advance(61_000)
  await world.settle()
  expect(await rowsOf(world, 'any', 'tidings.agenda')).toEqual([])
  expect(await rowsOf(world, 'any', 'tidings.held')).toEqual([])
  await world.close()
})

promise('P11', 'invalid limits of an effect are refused where it is declared', async () => {
  const definition = defineService('any')
  const wrong: readonly Partial<EffectHandlerOptions<typeof Tell, never>>[] = [
    { timeoutMs: 0 },
    { timeoutMs: 2 ** 31 },
    { attemptsMax: 1.5 },
    { inParallelMax: Number.NaN },
    { breaker: { failures: 0, pauseMs: 1 } },
    { breaker: { failures: 1, pauseMs: 2 ** 31 } },
  ]
  for (const options of wrong) {
    const declare = () => definition.effect(Tell, { perform: () => undefined, ...options } as never)
    expect(declare, JSON.stringify(options)).toThrow(expect.objectContaining({ code: 'INVALID_CONTRACT' }))
  }
  const slow = () => defineService('any', { limits: { pollMs: 2 ** 31 } })
  expect(slow, 'a delay that fires at once').toThrow(expect.objectContaining({ code: 'INVALID_CONTRACT' }))
})
