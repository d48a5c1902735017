// P11 Bounded, for input: bad input is refused with a clear code, changes nothing and blocks nobody. Odd but valid input arrives unchanged.

import { defineCommand, defineEvent, defineQuery, defineService, defineTable, type Limits, type Service } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import { reasonOf } from '../hostile/reason-of.ts'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'

const thing = z.object({ key: z.string(), value: z.any() })
const ThingKept = defineEvent('test.thing-kept', { owner: 'shelf', pattern: 'notification' })
  .version(1, thing)
  .key(({ key }) => key)
const KeepThing = defineCommand('keep-thing', { input: thing })
const KeepMany = defineCommand('keep-many', { input: z.object({ count: z.number() }) })
const ThingOf = defineQuery('thing-of', {
  owner: 'shelf',
  input: z.object({ key: z.string(), limit: z.number().optional() }),
  output: z.object({ value: z.any() }),
})
const things = defineTable('things')
  .version(1, thing)
  .key(({ key }) => key)

function shelfWith(limits: Partial<Limits> = {}): Service {
  const shelf = defineService('shelf', { publishes: [ThingKept], tables: { things }, limits })
  return shelf.with({
    keep: shelf.command(KeepThing, { publishes: [ThingKept] }, (input, { tables, publish }) => {
      tables.things.put({ key: input.key, value: input.value ?? null })
      publish(ThingKept, { key: input.key, value: input.value ?? null })
    }),
    keepMany: shelf.command(KeepMany, { publishes: [ThingKept] }, ({ count }, { publish }) => {
      for (let number = 0; number < count; number++) publish(ThingKept, { key: `k${number}`, value: number })
    }),
    thingOf: shelf.query(ThingOf, async ({ key, limit }, { tables }) => {
      if (limit !== undefined) return { value: await tables.things.list({ limit }) }
      if (key === 'everything') return { value: 'x'.repeat(9_000_000) }
      return tables.things.get(key)
    }),
  })
}

const copies = defineTable('copies')
  .version(1, z.object({ key: z.string(), values: z.array(z.any()) }))
  .key(({ key }) => key)

function copierWith(fail: () => boolean = () => false): Service {
  const copier = defineService('copier', { tables: { copies }, limits: { attemptsMax: 2 } })
  return copier.with({
    copy: copier.on(ThingKept, async ({ key, value }, { tables }) => {
      const before = await tables.copies.get(key)
      tables.copies.put({ key, values: [...(before?.values ?? []), value] })
      if (fail()) throw new Error('not now')
    }),
  })
}

const deep = (levels: number) => {
  let value: unknown = 'bottom'
  for (let level = 0; level < levels; level++) value = [value]
  return value
}
const loop: Record<string, unknown> = {}
loop.loop = loop

/** Bad input and the code it gets. */
const refused: readonly (readonly [what: string, input: unknown, code: string])[] = [
  ['no object', 'x', 'INVALID_PAYLOAD'],
  ['nothing', undefined, 'INVALID_PAYLOAD'],
  ['no key', { value: 1 }, 'INVALID_PAYLOAD'],
  ['an empty key', { key: '', value: 1 }, 'INVALID_KEY'],
  ['a long key', { key: 'k'.repeat(513), value: 1 }, 'INVALID_KEY'],
  ['a key with a line break', { key: 'a\r\nb', value: 1 }, 'INVALID_KEY'],
  ['a key with NUL', { key: 'a\0', value: 1 }, 'INVALID_KEY'],
  ['a lone surrogate as key', { key: '\ud800', value: 1 }, 'PAYLOAD_NOT_JSON'],
  ['a lone surrogate', { key: 'k', value: '\udc00' }, 'PAYLOAD_NOT_JSON'],
  ['NaN', { key: 'k', value: Number.NaN }, 'PAYLOAD_NOT_JSON'],
  ['a BigInt', { key: 'k', value: 1n }, 'PAYLOAD_NOT_JSON'],
  ['a date', { key: 'k', value: new Date(0) }, 'PAYLOAD_NOT_JSON'],
  ['a function', { key: 'k', value: () => 1 }, 'PAYLOAD_NOT_JSON'],
  ['Infinity', { key: 'k', value: Number.POSITIVE_INFINITY }, 'PAYLOAD_NOT_JSON'],
  ['__proto__', { key: 'k', value: JSON.parse('{"__proto__":{"admin":true}}') }, 'PAYLOAD_NOT_JSON'],
  ['65 levels', { key: 'k', value: deep(65) }, 'PAYLOAD_TOO_DEEP'],
  ['100,000 levels', { key: 'k', value: deep(100_000) }, 'PAYLOAD_TOO_DEEP'],
  ['a circle', { key: 'k', value: loop }, 'PAYLOAD_TOO_DEEP'],
  ['300,000 bytes', { key: 'k', value: 'x'.repeat(300_000) }, 'PAYLOAD_TOO_LARGE'],
  ['100,000 characters of three bytes', { key: 'k', value: '語'.repeat(100_000) }, 'PAYLOAD_TOO_LARGE'],
]

const codeOf = (work: Promise<unknown> | undefined) => (work ?? Promise.resolve()).then(() => 'accepted', reasonOf)

async function refusedOnTheWayIn(kind: EngineKind, limits: Partial<Limits> = {}): Promise<void> {
  const world: World = await createWorld(kind, [shelfWith(limits), copierWith()])
  const shelf = world.system.service('shelf')
  const keep = (input: unknown, options = {}) => codeOf(world.run(shelf.command('keep-thing', input, options)))
  const commits = world.commits
  for (const [what, input, code] of refused) expect(await keep(input), what).toBe(code)
  const good = { key: 'k', value: 1 }
  expect(await keep(good, { idempotencyKey: '' })).toBe('INVALID_KEY')
  expect(await keep(good, { idempotencyKey: 'i'.repeat(513) })).toBe('INVALID_KEY')
  expect(await keep(good, { occurredAt: new Date('never') })).toBe('INVALID_PAYLOAD')
  for (const name of ['keep', '__proto__', 'constructor', '', 'x'.repeat(100_000)]) {
    expect(await codeOf(world.run(shelf.command(name, good)))).toBe('UNKNOWN_COMMAND')
    expect(await codeOf(world.run(shelf.query(name, good)))).toBe('UNKNOWN_QUERY')
  }
  const ask = (input: unknown) => codeOf(world.run(shelf.query('thing-of', input)))
  expect(await ask({})).toBe('INVALID_PAYLOAD')
  expect(await ask({ key: '' })).toBe('INVALID_KEY')
  expect(await ask({ key: 'everything' }), 'an answer has an end').toBe('PAYLOAD_TOO_LARGE')
  expect(await ask({ key: 'k', limit: 10_001 })).toBe('INVALID_PAYLOAD')
  expect(await ask({ key: 'k', limit: 0 })).toBe('INVALID_PAYLOAD')
  expect(await codeOf(world.run(shelf.command('keep-many', { count: 1_001 })))).toBe('PAYLOAD_TOO_LARGE')
  expect(await codeOf(world.run(shelf.rebuild('nothing')))).toBe('UNKNOWN_READ_MODEL')
  expect(world.commits, 'nothing of it was written').toBe(commits)
  expect(await keep({ key: 'k', value: deep(60) })).toBe('accepted')
  expect(await keep({ key: 'k', value: 'x'.repeat(200_000) })).toBe('accepted')
  await world.settle()
  expect(await rowsOf(world, 'copier', 'copies')).toHaveLength(1)
  await world.close()
}

promise('P11', 'bad input is refused with its code, and nothing else happens [trap: payloads]', (kind) =>
  refusedOnTheWayIn(kind),
)
brokenPromise('P11', 'a service without a limit of bytes', (kind) =>
  refusedOnTheWayIn(kind, { payloadBytesMax: 1_000_000_000 }),
)
brokenPromise('P11', 'a service without a limit of depth', (kind) =>
  refusedOnTheWayIn(kind, { payloadDepthMax: 1_000 }),
)

const oddKeys = [
  'a/b',
  '../../etc/passwd',
  '~facts',
  'main/shelf/0000000000000001',
  "'; DROP TABLE things; --",
  '*.>',
  ' ',
  '日本語',
  '😀',
  'ä',
  'a\u0308',
  '__proto__',
  'constructor',
  '%00',
  'k'.repeat(512),
]
const oddValues: readonly unknown[] = [
  '\u0000 in a text',
  '\u2028\u2029',
  { constructor: 'x', toString: 1, '': '' },
  [0.1, -1.5e-300, 5e-324, 1e22, Number.MAX_SAFE_INTEGER, 2 ** 53 + 2, -(2 ** 60), Number.MAX_VALUE],
  '<script>alert(1)</script>',
  null,
]

promise(
  'P11',
  'odd but valid keys and values arrive byte for byte, also after they were deferred and redriven',
  async (kind) => {
    let broken = true
    const world = await createWorld(kind, [shelfWith(), copierWith(() => broken)])
    const keep = (key: string, value: unknown) =>
      world.run(
        world.system
          .service('shelf')
          .command('keep-thing', { key, value }, { idempotencyKey: `${key.slice(0, 400)}/${JSON.stringify(value)}` }),
      )
    for (const value of oddValues) for (const key of oddKeys) await keep(key, value)
    await world.settle()
    const deferred = deferredEvents(world.system.service('copier'))
    expect(deferred).toHaveLength(oddKeys.length * oddValues.length)
    expect(
      deferred
        .filter(({ state }) => state === 'parked')
        .map(({ key }) => key)
        .sort(),
    ).toEqual([...oddKeys].sort())
    await world.restart()
    broken = false
    for (const key of oddKeys) {
      const redriven = await world.run(redrive(world.system.service('copier'), { key }, { dryRun: false }))
      expect(redriven, key).toHaveLength(1)
    }
    await world.settle()
    const rows = await rowsOf(world, 'copier', 'copies')
    expect(rows.map(({ key }) => key).sort()).toEqual([...oddKeys].sort())
    for (const { values } of rows) expect(values).toEqual(oddValues)
    for (const key of oddKeys)
      expect(await world.run(world.system.service('shelf').query('thing-of', { key }))).toMatchObject({ value: null })
    await world.close()
  },
)
