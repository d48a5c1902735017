// The wire format: an event that is written and read again is the same event; its payload is the same bytes.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTidingsError } from '../errors/index.ts'
import { fromCloudEvent } from './cloudevent-format.ts'
import { readLoggedEvent, toCloudEvent } from './cloudevents.ts'
import type { LoggedEvent } from './envelope.ts'

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((each) => each.isWellFormed())
  .map((each) => each.replaceAll(/\p{Cc}/gu, 'x'))
const time = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
const spaced = fc.tuple(fc.json(), fc.constantFrom('', ' ', '\n\t')).map(([json, space]) => `${space}${json}${space}`)

const versions = fc
  .tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 1_000 }))
  .map(([one, other]) => ({ version: Math.max(one, other), readableFrom: Math.min(one, other) }))
const downcasts = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.constant({ 1: 'x'.repeat(5_000) }))

const envelope = fc.record({
  id: text,
  source: fc.constantFrom('orders', 'shop-2'),
  type: fc.constantFrom('shop.order-placed', 'order-placed'),
  key: text,
  data: fc.option(spaced),
  downcasts: fc.option(downcasts.map((renderings) => JSON.stringify(renderings))),
  entityVersion: fc.option(fc.nat()),
  occurredAt: time,
  recordedAt: time,
  correlationId: text,
  causationId: text,
  causedBy: text,
  principal: fc.option(text),
  tenant: fc.option(text),
  traceparent: fc.option(text),
  tracestate: fc.option(text),
  position: fc.nat().map((number) => String(number).padStart(16, '0')),
})
const event: fc.Arbitrary<LoggedEvent> = fc.tuple(envelope, versions).map(([each, of]) => ({ ...each, ...of }))

const sample: LoggedEvent = {
  ...{ id: 'e-1', source: 'orders', type: 'shop.order-placed', version: 2, readableFrom: 1, key: 'o-1' },
  ...{ data: '{"total":1}', downcasts: null, entityVersion: null, occurredAt: 0, recordedAt: 1 },
  ...{
    correlationId: 'c-1',
    causationId: 'c-1',
    causedBy: 'command/place-order',
    principal: null,
    tenant: null,
    traceparent: null,
    tracestate: null,
  },
  position: '0000000000000001',
}

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return isTidingsError(error) ? error.code : `not a TidingsError: ${String(error)}`
  }
}

const changed = (parts: Record<string, unknown>): string =>
  JSON.stringify({ ...(JSON.parse(toCloudEvent(sample)) as Record<string, unknown>), ...parts })

describe('round trip', () => {
  test('an event that is written and read again is the same event', () => {
    fc.assert(
      fc.property(event, (each) => {
        const again = readLoggedEvent(toCloudEvent(each))
        expect(again).toEqual(each)
      }),
    )
  })

  test.each([
    '{"b":1,"a":2,"10":3,"9":4}',
    '{"twice":1,"twice":2}',
    '{"beyond":9007199254740993,"long":0.1000000000000000055511151231257827,"tiny":1e-400,"minus":-0}',
    '{"__proto__":{"polluted":true},"constructor":1}',
    '{"nul":"\\u0000","lone":"\\ud800","escaped":"\\u00e9\\/"}',
    '{ "spaces" : [ 1 , 2 ] }',
    '{"data":{"data":"}\\",\\"data\\":1"},"text":"\\\\\\""}',
    '"text"',
    'null',
    '[]',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  ])('data are carried byte for byte (case %#)', (data) => {
    expect(readLoggedEvent(toCloudEvent({ ...sample, data })).data).toBe(data)
  })

  test('a tombstone is not data of null', () => {
    expect(readLoggedEvent(toCloudEvent({ ...sample, data: null })).data).toBeNull()
    expect(readLoggedEvent(toCloudEvent({ ...sample, data: 'null' })).data).toBe('null')
  })

  test('names of attributes are lower-case letters and digits, as CloudEvents requires', () => {
    const full = {
      ...sample,
      downcasts: '{}',
      entityVersion: 1,
      principal: 'anna',
      tenant: 'acme',
      traceparent: '00-1-2-01',
      tracestate: 'a=1',
    }
    for (const name of Object.keys(JSON.parse(toCloudEvent(full)) as object)) expect(name).toMatch(/^[a-z0-9]+$/)
  })

  test('attributes that were added on the way do no harm, and data may be in any place', () => {
    const passed = `{"data":{"a":[1,"}"]},"specversion":"1.0","id":"1","source":"/orders","type":"shop.order-placed",
      "time":"2026-01-01T00:00:00Z","partitionkey":"o-1","sequence":"7","extra":"{\\"data\\":1}","subject":"data","principal":null}`
    expect(readLoggedEvent(passed)).toMatchObject({ data: '{"a":[1,"}"]}', version: 1, readableFrom: 1, key: 'o-1' })
    expect(fromCloudEvent(passed)).toMatchObject({ subject: 'data', extensions: { extra: '{"data":1}' } })
  })

  test('an event of a service has no data but JSON, and says so', () => {
    const { data: _data, ...bare } = JSON.parse(toCloudEvent(sample)) as Record<string, unknown>
    const read = (changes: object) => () => readLoggedEvent(JSON.stringify({ ...bare, ...changes }))
    expect(read({ data_base64: 'AA==' })).toThrow('The data of the event are bytes; an event of a service has JSON.')
    expect(read({ data: 'x', datacontenttype: 'text/plain' })).toThrow(
      'are text/plain; an event of a service has JSON.',
    )
    expect(read({ data: { a: 1 }, datacontenttype: 'application/vnd.shop+json; v=1' })().data).toBe('{"a":1}')
  })
})

describe('refused with INVALID_ENVELOPE', () => {
  test.each([
    ['text that is not JSON', 'x'],
    ['an empty text', ''],
    ['an array', '[]'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['another version', changed({ specversion: '0.3' })],
    ['no id', changed({ id: undefined })],
    ['an id that is a number', changed({ id: 1 })],
    ['an id of 100,000 characters', changed({ id: 'x'.repeat(100_000) })],
    ['no data', changed({ data: undefined })],
    ['a time that is not a time', changed({ time: 'yesterday' })],
    ['a version of zero', changed({ dataversion: 0 })],
    ['a version with a fraction', changed({ dataversion: 1.5 })],
    ['a version as text', changed({ dataversion: '1' })],
    ['a version beyond 2^53', changed({ dataversion: 2 ** 60 })],
    ['no sequence', changed({ sequence: undefined })],
    ['an entity version below zero', changed({ entityversion: -1 })],
    ['downcasts that are not JSON', changed({ downcasts: '{' })],
    ['downcasts that are not an object', changed({ downcasts: '"text"' })],
    ['readable from version 0', changed({ readablefrom: 0 })],
    ['readable from a later version', changed({ readablefrom: 3 })],
    ['a time without an offset', changed({ time: '2026-01-01T00:00:00' })],
    ['an hour that does not exist', changed({ time: '2026-01-01T24:00:00Z' })],
    ['a day that does not exist', changed({ time: '2026-02-30T00:00:00Z' })],
    ['a time that only JavaScript parses', changed({ time: 'Jan 1, 2026' })],
    ['a tombstone that is not a boolean', changed({ tombstone: 'true' })],
    ['a tombstone with data', changed({ tombstone: true })],
    ['a lone surrogate in an id', changed({ id: 'a\ud800' })],
    ['a line break in a correlation id', changed({ correlationid: 'a\r\nb' })],
  ])('%s', (_, wire) => {
    expect(codeOf(() => readLoggedEvent(wire))).toBe('INVALID_ENVELOPE')
  })

  test.each([
    '*',
    '>',
    'a.*',
    '../a',
    'a\r\nb',
    "a'; --",
    'A',
    'аlpha',
    '__proto__',
    '',
    'a'.repeat(121),
    '//a',
    '/a/b',
  ])('the type or source %j', (name) => {
    expect(codeOf(() => readLoggedEvent(changed({ type: name })))).toBe('INVALID_ENVELOPE')
    expect(codeOf(() => readLoggedEvent(changed({ source: name })))).toBe('INVALID_ENVELOPE')
  })

  test.each(['', '\0', 'a\nb', '\ud800', 'k'.repeat(513)])('the key %j [trap: names]', (partitionkey) => {
    expect(codeOf(() => readLoggedEvent(changed({ partitionkey })))).toBe('INVALID_ENVELOPE')
  })

  test('any text is read, or refused with this code, and never throws another error', () => {
    const wire = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .dictionary(fc.constantFrom(...Object.keys(JSON.parse(toCloudEvent(sample)) as object)), fc.jsonValue())
        .map(changed),
    )
    fc.assert(
      fc.property(wire, (each) => [undefined, 'INVALID_ENVELOPE'].includes(codeOf(() => readLoggedEvent(each)))),
    )
  })

  test('a hostile event does not change any prototype', () => {
    readLoggedEvent(toCloudEvent({ ...sample, data: '{"__proto__":{"polluted":1}}' }))
    codeOf(() => readLoggedEvent('{"__proto__":{"polluted":1,"specversion":"1.0"}}'))
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})
