// Payloads of every kind, as input of a service: refused with a code and without a trace, or carried byte for byte to every subscriber.
// Nothing gets stuck: a good input after each one is handled.

import fc from 'fast-check'
import type { LoggedEvent } from 'tidings'
import { readLoggedEvent, toCloudEvent } from 'tidings/contracts'
import { deferredEvents } from 'tidings/operations'
import { expect, test } from 'vitest'
import { engines } from '../promises/setup/engines.ts'
import { createWorld, type World } from '../promises/setup/world.ts'
import { reasonOf } from './reason-of.ts'
import { shelfServices, ways } from './shelf.ts'

const deep = (levels: number): unknown => {
  let value: unknown = 'bottom'
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value }
  return value
}

/** Values that have broken systems before, and any others. */
const anyValues = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }) },
  {
    weight: 3,
    arbitrary: fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
      withObjectString: true,
    }),
  },
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.double(),
  fc.integer({ min: 50, max: 80 }).map(deep),
  fc.constantFrom<unknown>(
    deep(5_000),
    'x'.repeat(262_000),
    '語'.repeat(90_000),
    '\u0000',
    '\u2028\u2029\ufeff',
    '\ud800',
    'a\udc00b',
    { '\udfff': 1 },
    JSON.parse('{"__proto__":{"polluted":true}}'),
    { constructor: { prototype: 1 }, hasOwnProperty: 1, toString: null, '': 0 },
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53) - 1,
    -0,
    5e-324,
    1.7976931348623157e308,
    Number.NaN,
    [undefined],
    { left: undefined },
    { toJSON: () => 'other' },
    Object.assign([1], { toJSON: () => 'other' }),
  ),
)
// A member that is undefined is absent after the transport, which only its own schema can allow.
const values = anyValues.filter((value) => value !== undefined)
const keys = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }) },
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '../..',
    '*.>',
    "'; --",
    'a\r\nb',
    '\0',
    '',
    'k'.repeat(512),
    'k'.repeat(513),
    '%00',
    '~facts',
    'timer/-/later/x',
  ),
)
const refusals = ['INVALID_PAYLOAD', 'INVALID_KEY', 'PAYLOAD_NOT_JSON', 'PAYLOAD_TOO_DEEP', 'PAYLOAD_TOO_LARGE']

const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'accepted', reasonOf)

async function keep(world: World, input: unknown): Promise<string> {
  const kept = world.run(world.system.service('shelf').command('keep-thing', input))
  return kept.then((answer) => String(answer?.accepted), reasonOf)
}

async function checkArrived(world: World, input: { readonly key: string }): Promise<void> {
  const text = JSON.stringify(input)
  for (const way of ways) {
    const { store } = world.system.service(['row', 'timed', 'carried'].includes(way) ? 'shelf' : 'reader')
    expect((await store.get(way, input.key))?.json, way).toBe(text)
  }
  const { store } = world.system.service('shelf')
  const events = await store.searchEventLog({ key: input.key, limit: 2 })
  expect(events.map(({ data }) => data)).toEqual([text, text])
  const facts = await store.readStream('notebook', input.key, 0, 1_000)
  expect(facts.at(-1)?.data).toBe(text)
  const found = await world.run(world.system.service('shelf').query('thing-of', { key: input.key }))
  expect(JSON.stringify(found)).toBe(text)
}

for (const kind of engines) {
  test(`P11 (${kind.name}): any payload is carried byte for byte on every path, or refused with its code [trap: payloads, payload-changed]`, async () => {
    const things = fc.array(fc.record({ key: keys, value: values }, { noNullPrototype: true }), {
      minLength: 1,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(things, async (inputs) => {
        const world = await createWorld(kind, shelfServices())
        const last = new Map<string, { readonly key: string }>()
        for (const input of inputs) {
          const commits = world.commits
          const outcome = await keep(world, input)
          if (outcome === 'true') last.set(input.key, input)
          else {
            expect(refusals).toContain(outcome)
            // Nothing of it was written; only consequences of earlier input may commit.
            if (last.size === 0) expect(world.commits).toBe(commits)
          }
        }
        const good = { key: 'good', value: { plain: [1, 'text'] } }
        expect(await keep(world, good)).toBe('true')
        await world.settle()
        await world.advance(2_000)
        await world.settle()
        await checkArrived(world, good)
        for (const input of last.values()) await checkArrived(world, input)
        for (const service of world.system.services.values()) expect(deferredEvents(service)).toEqual([])
        await world.close()
      }),
      { numRuns: kind.name === 'SQLite' ? 15 : 40 },
    )
    expect(({} as { polluted?: true }).polluted).toBeUndefined()
  })

  test(`P11 (${kind.name}): the principal and all other options of a command are carried as they are, or refused with a code [trap: payloads, names]`, async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('', '\0', '\ud800', 'a\nb', 'x'.repeat(100_000)),
    )
    const world = await createWorld(kind, shelfServices())
    let number = 0
    const options = fc.record(
      {
        principal: texts,
        correlationId: texts,
        traceparent: texts,
        idempotencyKey: texts,
        occurredAt: fc.date({ noInvalidDate: false }),
      },
      { requiredKeys: [], noNullPrototype: true },
    )
    const shelf = world.system.service('shelf')
    await fc.assert(
      fc.asyncProperty(options, async (said) => {
        const key = `k${number++}`
        // The same idempotency key with another input is refused.
        const allowed = ['accepted', 'INVALID_KEY', 'INVALID_PAYLOAD', 'IDEMPOTENCY_KEY_REUSED']
        const code = await codeOf(world.run(shelf.command('keep-thing', { key, value: 1 }, said)))
        expect(allowed).toContain(code)
        const [event] = await shelf.store.searchEventLog({ key, limit: 1 })
        if (code === 'accepted') {
          const { idempotencyKey: _, occurredAt, ...carried } = said
          const at = occurredAt === undefined ? {} : { occurredAt: occurredAt.getTime() }
          expect(event).toMatchObject({ ...carried, ...at })
          expect(readLoggedEvent(toCloudEvent(event as LoggedEvent)), 'over the wire, too').toEqual(event)
        } else expect(event).toBeUndefined()
        const { correlationId, traceparent } = said
        const asked = world.run(
          shelf.query(
            'thing-of',
            { key },
            {
              ...(correlationId === undefined ? {} : { correlationId }),
              ...(traceparent === undefined ? {} : { traceparent }),
            },
          ),
        )
        expect(['accepted', 'INVALID_KEY', 'INVALID_PAYLOAD']).toContain(await codeOf(asked))
        const good = { key: `good-${number}`, value: number }
        expect(await keep(world, good), 'the next is accepted').toBe('true')
      }),
      {
        numRuns: kind.name === 'SQLite' ? 40 : 80,
        examples: [
          [{ principal: 'ann', correlationId: '\ud800' }],
          [{ principal: '\udc00', correlationId: 'talk' }],
          [{ traceparent: 'a\r\nb' }],
          [{ idempotencyKey: '__proto__' }],
          [{ occurredAt: new Date(Number.NaN) }],
          [{ occurredAt: new Date(8.64e15) }],
        ],
      },
    )
    expect(await keep(world, { key: 'good', value: 1 })).toBe('true')
    await world.close()
  })
}
