// What a function starts, it awaits: a forgotten `await` fails the function, names the call, and loses nothing without a word.

import {
  defineCommand,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  isRejection,
  reject,
  replicaOf,
  timer,
} from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inSession, type Session } from '../../src/index.ts'

const input = z.object({ how: z.string() })
const rows = defineTable('rows')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Inner = defineCommand('inner', { input: z.object({ id: z.string() }) })
const Outer = defineCommand('outer', { input })
const Asked = defineEvent('test.asked', { owner: 'desk', pattern: 'notification' })
  .version(1, input)
  .key(({ how }) => how)
const Person = defineEvent('test.person', { owner: 'desk', pattern: 'state-transfer' })
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Nothing = defineQuery('nothing', { owner: 'clerk', input: z.object({}), output: z.string() })
const Ask = defineCommand('ask', { input })

type Execute = (command: typeof Inner, input: { id: string }) => Promise<unknown>

/** The ways in which a function may start another command. */
const ways: Readonly<Record<string, (execute: Execute) => unknown>> = {
  awaited: async (execute) => {
    await execute(Inner, { id: 'a' })
  },
  returned: (execute) => execute(Inner, { id: 'a' }).then(() => undefined),
  'all awaited': async (execute) => {
    await Promise.all([execute(Inner, { id: 'a' }), execute(Inner, { id: 'b' })])
  },
  settled: async (execute) => {
    await Promise.allSettled([execute(Inner, { id: '' })])
  },
  caught: async (execute) => {
    await execute(Inner, { id: '' }).catch(() => {})
  },
  forgotten: async (execute) => {
    void execute(Inner, { id: 'a' })
  },
  'forgotten, and something slow awaited': async (execute) => {
    void execute(Inner, { id: 'a' })
    for (let round = 0; round < 100; round++) await Promise.resolve()
  },
  'forgotten, and it fails': async (execute) => {
    void execute(Inner, { id: '' })
    for (let round = 0; round < 100; round++) await Promise.resolve()
  },
  'a forgotten all': async (execute) => {
    void Promise.all([execute(Inner, { id: 'a' })])
  },
  'forgotten by a function without async': (execute) => {
    void execute(Inner, { id: 'a' })
  },
  'forgotten before a rejection': async (execute) => {
    void execute(Inner, { id: 'a' })
    return reject('no', 'No.')
  },
}
const forgotten = Object.keys(ways).filter((way) => /forgotten/.test(way) && !/rejection/.test(way))

const desk = defineService('desk', { publishes: [Asked, Person], tables: { rows }, timers: { later: timer(input) } })
const deskService = desk.with({
  inner: desk.command(Inner, {}, async ({ id }, { tables }) => {
    if (id === '') throw new Error('no id')
    await tables.rows.get(id)
    tables.rows.put({ id })
  }),
  outer: desk.command(Outer, { executes: [Inner] }, ({ how }, { execute }) => ways[how]?.(execute) as never),
  ask: desk.command(Ask, { publishes: [Asked, Person] }, ({ how }, { publish, timers }) => {
    publish(Asked, { how })
    timers.later.after('k', { milliseconds: 1 }, { how })
  }),
  onAsked: desk.on(
    Asked,
    { executes: [Inner], from: 'beginning' },
    ({ how }, { execute }) => ways[how]?.(execute) as never,
  ),
  later: desk.due('later', { executes: [Inner] }, ({ how }, { execute }) => ways[how]?.(execute) as never),
})

const clerk = defineService('clerk', { replicas: { people: replicaOf(Person) } })
const clerkService = clerk.with({
  onAsked: clerk.on(Asked, { lookups: [Nothing] }, async ({ how }, { lookup, replicas }) => {
    if (how === 'lookup') void lookup(Nothing, {})
    if (how === 'require') void replicas.people.require('nobody')
    if (how === 'race') await Promise.race([lookup(Nothing, {}), Promise.resolve()])
  }),
  nothing: clerk.query(Nothing, () => undefined),
})

const idsIn = async (session: Session) =>
  (await session.drive(Promise.resolve(session.runtime(deskService).store.find({ table: 'rows', limit: 9 })))).map(
    ({ key }) => key,
  )

test.each([
  ['awaited', ['a']],
  ['returned', ['a']],
  ['all awaited', ['a', 'b']],
  ['settled', []],
  ['caught', []],
])('a command that executes another (%s) is accepted with all that it has done', (how, ids) =>
  inSession({ services: [deskService] }, async (session) => {
    expect(await session.command(deskService, Outer, { how })).toMatchObject({ accepted: true })
    expect(await idsIn(session)).toEqual(ids)
  }),
)

test.each(forgotten)('a command that does not await another (%s) fails, and the error names the call', (how) =>
  inSession({ services: [deskService] }, async (session) => {
    await expect(session.command(deskService, Outer, { how })).rejects.toMatchObject({
      code: 'NOT_AWAITED',
      message: 'Command outer returned without awaiting execute(inner); nothing of it was committed.',
      hint: 'Write `await execute(inner)`, or return its promise.',
    })
    await session.settled()
    expect(await idsIn(session)).toEqual([])
  }),
)

test('a rejection stands, whatever was forgotten before it', () =>
  inSession({ services: [deskService] }, async (session) => {
    const answer = await session.command(deskService, Outer, { how: 'forgotten before a rejection' })
    expect(isRejection(answer) || (answer as { accepted?: boolean }).accepted === false).toBe(true)
    expect(await idsIn(session)).toEqual([])
  }))

test('a handler and a timer that forget an await are parked at once, and the error names the call', () =>
  inSession({ services: [deskService] }, async (session) => {
    await session.command(deskService, Ask, { how: 'forgotten' })
    await session.settled()
    await session.advance({ milliseconds: 5 })
    await session.settled()
    const deferred = deferredEvents(session.runtime(deskService))
    expect(deferred.map(({ state, error }) => [state, error?.code, error?.message])).toEqual([
      [
        'parked',
        'NOT_AWAITED',
        'Handler on-asked returned without awaiting execute(inner); nothing of it was committed.',
      ],
      ['parked', 'NOT_AWAITED', 'Timer later returned without awaiting execute(inner); nothing of it was committed.'],
    ])
  }))

test.each([
  ['require', 'replicas.people.require(…)'],
  ['lookup', 'lookup(nothing)'],
])('a handler that forgets to await %s fails, because it went on without it', (how, call) =>
  inSession({ services: [deskService, clerkService] }, async (session) => {
    await session.command(deskService, Ask, { how })
    await session.settled({ or: () => deferredEvents(session.runtime(clerkService)).length > 0 })
    expect(deferredEvents(session.runtime(clerkService))[0]?.error?.message).toBe(
      `Handler on-asked returned without awaiting ${call}; nothing of it was committed.`,
    )
  }),
)

test('a lookup that a handler has raced against something else may go on alone', () =>
  inSession({ services: [deskService, clerkService] }, async (session) => {
    await session.command(deskService, Ask, { how: 'race' })
    await session.settled()
    expect(deferredEvents(session.runtime(clerkService))).toEqual([])
  }))
