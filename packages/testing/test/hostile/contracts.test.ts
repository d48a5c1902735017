// Contracts: whatever version, pattern, schema, upcaster or key a definition gets, it makes a contract or is refused with a code; and
// a schema or key function that misbehaves refuses its own input and nothing else.

import fc from 'fast-check'
import {
  defineCommand,
  defineEffect,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  fact,
  isTidingsError,
  type Schema,
  type Service,
  timer,
} from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type EngineKind, engines } from '../promises/setup/engines.ts'
import { createWorld } from '../promises/setup/world.ts'
import { publishedBy, rowsOf } from '../promises/systems/fulfilment.ts'
import { reasonOf } from './reason-of.ts'

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return isTidingsError(error) ? error.code : `not a TidingsError: ${String(error)}`
  }
}

const ok = z.object({ id: z.string() })
const anything = fc.oneof(
  fc.anything({ withBigInt: true, withNullPrototype: true }),
  fc.constantFrom<unknown>(
    undefined,
    null,
    () => ok,
    {},
    { '~standard': null },
    { '~standard': {} },
    { '~standard': { validate: 'yes' } },
    JSON.parse('{"__proto__":{"~standard":{}}}'),
    new Proxy({}, { get: () => undefined }),
  ),
)
const isSchema = (value: unknown) =>
  typeof (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard']?.validate === 'function'

/** Everything that takes a first version and its schema. */
const firsts: Readonly<Record<string, (version: never, schema: never) => unknown>> = {
  event: (version, schema) =>
    defineEvent('test.event', { owner: 'shelf', pattern: 'notification' }).version(version, schema),
  table: (version, schema) => defineTable('rows').version(version, schema),
}
/** Everything that takes a schema. */
const takers: Readonly<Record<string, (schema: never) => unknown>> = {
  command: (schema) => defineCommand('do-it', { input: schema }),
  query: (schema) => defineQuery('ask-it', { owner: 'shelf', input: schema, output: ok }),
  'answer of a query': (schema) => defineQuery('ask-it', { owner: 'shelf', input: ok, output: schema }),
  effect: (schema) => defineEffect('ask', { input: schema, key: () => 'k' }),
  'outcome of an effect': (schema) => defineEffect('ask', { input: ok, outcome: schema, key: ({ id }) => id }),
  fact: (schema) => fact(schema),
  timer: (schema) => timer(schema),
}

test.each(Object.keys(firsts))(
  'P11: a definition (%s) begins with version 1 and a schema, or it is refused [trap: payloads]',
  (kind) => {
    const define = firsts[kind] ?? (() => undefined)
    fc.assert(
      fc.property(
        fc.oneof(fc.double(), fc.integer({ min: -2, max: 3 }), anything),
        fc.oneof(fc.constant(ok), anything),
        (version, schema) => {
          const code = codeOf(() => define(version as never, schema as never))
          expect(code).toBe(version === 1 && isSchema(schema) ? undefined : 'INVALID_CONTRACT')
        },
      ),
      { numRuns: 300 },
    )
  },
)

test('P11: an event is extended with the next version, a schema and an upcaster, or the extension is refused', () => {
  const first = defineEvent('test.event', { owner: 'shelf', pattern: 'notification' }).version(1, ok)
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: -1, max: 4 }), anything),
      fc.oneof(fc.constant(ok), anything),
      anything,
      (version, schema, upcast) => {
        const code = codeOf(() => first.version(version as never, schema as never, upcast as never))
        const good = version === 2 && isSchema(schema) && typeof upcast === 'function'
        expect(code).toBe(good ? undefined : 'INVALID_CONTRACT')
      },
    ),
    { numRuns: 300 },
  )
})

test.each(Object.keys(takers))('P11: a definition (%s) refuses everything that is not a schema', (kind) => {
  const define = takers[kind] ?? (() => undefined)
  fc.assert(
    fc.property(anything, (schema) => {
      // A timer, a fact or an outcome may come without one.
      const optional = schema === undefined && (kind === 'timer' || kind === 'outcome of an effect')
      const code = codeOf(() => define(schema as never))
      expect(code).toBe(isSchema(schema) || optional ? undefined : 'INVALID_CONTRACT')
    }),
  )
})

test('P11: the pattern of an event is one of three, or the definition is refused', () => {
  fc.assert(
    fc.property(anything, (pattern) => {
      expect(codeOf(() => defineEvent('test.event', { owner: 'shelf', pattern: pattern as never }))).toBe(
        'INVALID_CONTRACT',
      )
    }),
  )
})

const shape = z.object({ id: z.string(), how: z.string() })

/** What a schema may do instead of accepting or refusing. */
const manners: Readonly<Record<string, (value: unknown) => unknown>> = {
  throws: () => {
    throw new Error('the schema is broken')
  },
  'throws nothing at all': () => {
    // biome-ignore lint/style/useThrowOnlyError: a schema may throw anything
    throw undefined
  },
  'gives nothing': () => undefined,
  'gives null': () => null,
  'gives a text': () => 'yes',
  'gives a promise': (value) => Promise.resolve({ value }),
  'has issues without number': () => ({
    issues: Array.from({ length: 1_000 }, () => ({ message: 'x'.repeat(1_000) })),
  }),
  'has issues with odd paths': () => ({ issues: [{ message: 'no', path: [Symbol('odd'), { key: '__proto__' }, 1] }] }),
  'makes a function of it': () => ({ value: () => 1 }),
  'makes nothing of it': () => ({ value: undefined }),
  'makes NaN of it': () => ({ value: { id: 'k', how: Number.NaN } }),
  'needs what everything has': (value) =>
    shape.extend({ constructor: z.any(), toString: z.unknown(), valueOf: z.any() })['~standard'].validate(value),
  'goes down as deep as it is nested': () => {
    const tree: z.ZodType = z.lazy(() => z.object({ in: tree.optional() }))
    let deep: object = {}
    for (let level = 0; level < 100_000; level++) deep = { in: deep }
    return tree['~standard'].validate(deep)
  },
}
const codes = ['INVALID_PAYLOAD', 'INVALID_CONTRACT', 'INVALID_KEY', 'PAYLOAD_NOT_JSON', 'PAYLOAD_TOO_DEEP']

interface Asked {
  readonly id: string
  readonly how: string
}
/** A schema that behaves as its input says. */
const moody = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => {
      const manner = manners[(value as Asked | undefined)?.how ?? '']
      return manner === undefined ? shape['~standard'].validate(value) : manner(value)
    },
  },
} as Schema<Asked, Asked>

const Moody = defineEvent('test.moody', { owner: 'house', pattern: 'notification' })
  .version(1, moody)
  .key(({ id }) => id)
const Keyless = defineEvent('test.keyless', { owner: 'house', pattern: 'notification' })
  .version(1, shape)
  .key(({ how }) => keysOf[how]?.() as string)
/** What a function that should return a key returns instead. */
const keysOf: Readonly<Record<string, () => unknown>> = {
  'no key': () => undefined,
  'a number': () => 7,
  'a throw': () => {
    throw new Error('no key')
  },
  'an object': () => ({ toString: () => 'k' }),
  'a control character': () => 'a\nb',
}

function houseService(): Service {
  const kept = defineTable('kept')
    .version(1, shape)
    .key(({ id }) => id)
  const house = defineService('house', { publishes: [Moody, Keyless], tables: { kept }, limits: { attemptsMax: 2 } })
  const plain = z.object({ id: z.string(), how: z.string() })
  return house.with({
    keep: house.command(defineCommand('keep-moody', { input: moody }), {}, (input, { tables }) =>
      tables.kept.put(input),
    ),
    say: house.command(
      defineCommand('say-moody', { input: plain }),
      { publishes: [Moody] },
      (input, { publish, tables }) => {
        tables.kept.put(input)
        publish(Moody, input)
      },
    ),
    sayKeyless: house.command(
      defineCommand('say-keyless', { input: plain }),
      { publishes: [Keyless] },
      (input, { publish, tables }) => {
        tables.kept.put(input)
        publish(Keyless, input)
      },
    ),
    ask: house.query(defineQuery('ask-moody', { owner: 'house', input: moody, output: shape }), (input) => input),
    answer: house.query(defineQuery('answer-moody', { owner: 'house', input: plain, output: moody }), (input) => input),
  })
}

const asks = ['ask-moody', 'answer-moody']

async function misbehaving(kind: EngineKind, hows: readonly (readonly [call: string, how: string])[]): Promise<void> {
  const world = await createWorld(kind, [houseService()])
  const house = world.system.service('house')
  const at = (call: string, input: Asked) =>
    world
      .run<unknown>(asks.includes(call) ? house.query(call, input) : house.command(call, input))
      .then(() => 'accepted', reasonOf)
  for (const [index, [call, how]] of hows.entries()) {
    const code = await at(call, { id: `odd ${index}`, how })
    // A query accepts undefined as its input.
    const nothing = call === 'ask-moody' && how === 'makes nothing of it'
    const expected = how === 'a throw' ? ['not a TidingsError: Error: no key'] : nothing ? ['accepted'] : codes
    expect(expected, `${call}: ${how}`).toContain(code)
    expect(await at(call, { id: `good ${index}`, how: 'well' }), `${call} after ${how}`).toBe(
      call === 'say-keyless' ? 'INVALID_KEY' : 'accepted',
    )
  }
  await world.settle()
  const ids = (await rowsOf(world, 'house', 'kept')).map(({ id }) => String(id))
  expect(
    ids.filter((id) => id.startsWith('odd')),
    'refused input leaves nothing',
  ).toEqual([])
  for (const said of await publishedBy(world, 'house')) expect(said).toMatch(/^test\.moody good/)
  expect(deferredEvents(house)).toEqual([])
  await world.close()
}

for (const kind of engines) {
  test(`P11 (${kind.name}): input whose schema or key function misbehaves is refused with a code and leaves nothing, and the next input is accepted [trap: payloads]`, async () => {
    const calls = fc.oneof(
      fc.tuple(
        fc.constantFrom('keep-moody', 'say-moody', 'ask-moody', 'answer-moody'),
        fc.constantFrom(...Object.keys(manners)),
      ),
      fc.tuple(fc.constant('say-keyless'), fc.constantFrom(...Object.keys(keysOf))),
    )
    const every = ['keep-moody', 'say-moody', 'ask-moody', 'answer-moody'].flatMap((call) =>
      Object.keys(manners).map((how) => [call, how] as [string, string]),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 8 }), (hows) => misbehaving(kind, hows)),
      { numRuns: kind.name === 'SQLite' ? 3 : 10, examples: [[every]] },
    )
  })
}
