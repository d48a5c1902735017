// Envelopes: an event with any attributes is read, or refused on the wire with its code. If a broker delivers it all the same, it is handled,
// or deferred with its key and handled once it is fixed, and all other keys are handled.

import fc from 'fast-check'
import { isTidingsError, type LoggedEvent } from 'tidings'
import { readLoggedEvent, toCloudEvent } from 'tidings/contracts'
import { deferredEvents, redrive } from 'tidings/operations'
import type { Broker } from 'tidings/ports'
import { expect, test } from 'vitest'
import { type EngineKind, engines } from '../promises/setup/engines.ts'
import { createWorld, type World } from '../promises/setup/world.ts'
import { shelfServices, ways } from './shelf.ts'

const hostileTexts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    'a\r\nX-Admin: 1',
    '*.>',
    '../../etc/passwd',
    "'; DROP TABLE tidings_log; --",
    '__proto__',
    'constructor',
    '<script>alert(1)</script>',
    '\u001b[2J',
    '\u202e\u200b',
    'x'.repeat(2_048),
    'x'.repeat(2_049),
    'x'.repeat(300_000),
  ),
)
const hostileNumbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, -1, 0.5, 2 ** 53 - 1, 2 ** 53, 2 ** 60, 1e300, 8.64e15, 8.64e15 + 1),
)
const hostileTimes = fc.oneof(
  hostileTexts,
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-02-30T00:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '1',
    '0',
    'now',
    '+275760-09-13T00:00:00.001Z',
  ),
)
const anything = fc.oneof(
  hostileTexts,
  hostileNumbers,
  hostileTimes,
  fc.jsonValue({ stringUnit: 'binary' }),
  fc.constantFrom<unknown>(undefined, null, true, false, [], {}),
)

const sample: LoggedEvent = {
  id: 'e-1',
  source: 'shelf',
  type: 'test.thing-kept',
  version: 2,
  readableFrom: 1,
  key: 'k-1',
  data: '{"key":"k-1","value":1}',
  downcasts: '{"1":{"key":"k-1","value":0}}',
  entityVersion: 3,
  occurredAt: 0,
  recordedAt: 1,
  correlationId: 'c-1',
  causationId: 'c-1',
  causedBy: 'command/keep-thing',
  principal: 'ann',
  tenant: 'acme',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'rojo=00f067aa0ba902b7',
  position: '0000000000000001',
}
const wire = JSON.parse(toCloudEvent(sample)) as Record<string, unknown>
const attributes = [...Object.keys(wire), 'tombstone', '__proto__', 'subject', 'data_base64']

const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least
const isTime = (value: number) => Number.isInteger(value) && Math.abs(value) <= 8.64e15
const isText = (text: string | null) =>
  text === null || (text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text.replaceAll(/[\u0080-\u009f]/g, '')))

function checkSound(event: LoggedEvent): void {
  for (const text of [event.id, event.key, event.correlationId, event.causationId, event.causedBy, event.position])
    expect(isText(text), text.slice(0, 100)).toBe(true)
  expect(isText(event.principal) && isText(event.traceparent)).toBe(true)
  expect(isCount(event.version, 1) && isCount(event.readableFrom, 1)).toBe(true)
  expect(event.readableFrom).toBeLessThanOrEqual(event.version)
  expect(event.entityVersion === null || isCount(event.entityVersion, 0)).toBe(true)
  expect(isTime(event.occurredAt) && isTime(event.recordedAt)).toBe(true)
  for (const json of [event.data, event.downcasts]) if (json !== null) JSON.parse(json)
  expect(readLoggedEvent(toCloudEvent(event)), 'carried on, it is the same event').toEqual(event)
}

test('P11: an event with arbitrary attributes is read as a valid one, or refused with its code [trap: payloads, names]', () => {
  let read = 0
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...attributes), anything, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
      (changes) => {
        let event: LoggedEvent
        try {
          event = readLoggedEvent(JSON.stringify({ ...wire, ...changes }))
        } catch (error) {
          expect(isTidingsError(error) ? error.code : String(error)).toBe('INVALID_ENVELOPE')
          expect((error as Error).message.length, 'an error is short').toBeLessThan(400)
          return
        }
        read++
        checkSound(event)
      },
    ),
    {
      numRuns: 500,
      examples: [
        [{ readablefrom: 0 }],
        [{ readablefrom: 9 }],
        [{ id: 'a\ud800' }],
        [{ principal: 'a\r\nb' }],
        [{ time: '2026-02-30T00:00:00Z' }],
        [{ downcasts: '"text"' }],
        [{ tombstone: true }],
        [{ datacontenttype: 'x'.repeat(2_000) }],
      ],
    },
  )
  expect(read, 'not everything is refused').toBeGreaterThan(20)
})

/**
 * What a broker may get wrong about an event: everything but its position, type, key and id. An event that was deferred is known again by its
 * id: another one in its place means that the history was replaced.
 */
const envelopes: fc.Arbitrary<Partial<LoggedEvent>> = fc.record(
  {
    version: hostileNumbers,
    readableFrom: hostileNumbers,
    data: fc.option(fc.oneof(hostileTexts, fc.json(), fc.constantFrom('{"key":1}', '[', `${'['.repeat(100_000)}`))),
    downcasts: fc.option(fc.oneof(hostileTexts, fc.json())),
    entityVersion: fc.option(hostileNumbers),
    occurredAt: hostileNumbers,
    recordedAt: hostileNumbers,
    correlationId: hostileTexts,
    causationId: hostileTexts,
    causedBy: hostileTexts,
    principal: fc.option(hostileTexts),
    tenant: fc.option(hostileTexts),
    traceparent: fc.option(hostileTexts),
    tracestate: fc.option(hostileTexts),
  },
  { requiredKeys: [], noNullPrototype: true },
)

/** Delivers the events of some keys with another envelope. */
const distorting = (broker: Broker, distorted: ReadonlyMap<string, Partial<LoggedEvent>>): Broker => ({
  ...broker,
  read: async (source, request) => {
    const page = await broker.read(source, request)
    return { ...page, events: page.events.map((event) => ({ ...event, ...distorted.get(event.key) })) }
  },
})

const keep = (world: World, key: string, value: unknown) =>
  world.run(world.system.service('shelf').command('keep-thing', { key, value }))

async function hasArrived(world: World, key: string, value: unknown): Promise<void> {
  const text = JSON.stringify({ key, value })
  for (const way of ways) {
    const { store } = world.system.service(['row', 'timed', 'carried'].includes(way) ? 'shelf' : 'reader')
    expect((await store.get(way, key))?.json, `${key} by way of ${way}`).toBe(text)
  }
}

async function distortedWorld(kind: EngineKind, all: readonly Partial<LoggedEvent>[]): Promise<void> {
  const distorted = new Map<string, Partial<LoggedEvent>>(all.map((parts, index) => [`odd ${index}`, parts]))
  const world = await createWorld(kind, shelfServices(), { broker: (broker) => distorting(broker, distorted) })
  for (const key of distorted.keys()) {
    await keep(world, key, 'first')
    await keep(world, `plain beside ${key}`, 'first')
    await keep(world, key, 'second')
  }
  await keep(world, 'plain', 'last')
  await world.advance(10_000)
  await hasArrived(world, 'plain', 'last')
  for (const key of distorted.keys()) await hasArrived(world, `plain beside ${key}`, 'first')
  const reader = () => world.system.service('reader')
  for (const deferred of deferredEvents(reader())) {
    expect(distorted.has(deferred.key), `${deferred.key} is deferred`).toBe(true)
    expect(deferred.state === 'blocked' || deferred.error !== undefined, 'with a code').toBe(true)
  }
  for (const status of reader().status.subscriptions) expect(status).toMatchObject({ state: 'running', lag: 0 })
  // Deferred events are kept by reference: they are handled when the broker delivers them as they were published.
  const deferredKeys = new Set(deferredEvents(reader(), { subscriber: 'main' }).map(({ key }) => key))
  distorted.clear()
  await world.restart()
  await world.run(redrive(reader(), {}, { dryRun: false }))
  // What waits is retried after half a minute at the latest.
  await world.advance(35_000)
  expect(deferredEvents(reader())).toEqual([])
  const { store } = reader()
  for (const key of deferredKeys)
    expect((await store.get('heard', key))?.json).toBe(JSON.stringify({ key, value: 'second' }))
  await world.close()
}

for (const kind of engines) {
  test(`P11 (${kind.name}): an event with any envelope is handled, or deferred with its key, and blocks no other key [trap: payloads, poison]`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(envelopes, { minLength: 1, maxLength: 5 }), (all) => distortedWorld(kind, all)),
      { numRuns: kind.name === 'SQLite' ? 6 : 40 },
    )
  })
}
