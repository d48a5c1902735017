// Headers become options of a command, and invalid headers are refused.

import { expect, test } from 'vitest'
import { queryOptions, requestOptions } from './request-options.ts'

const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('without headers there are no options', () => {
  expect(requestOptions(new Headers())).toEqual({})
})

test('each header has its option', () => {
  const headers = new Headers({
    'idempotency-key': 'order/1',
    'tidings-occurred-at': '2018-01-31T12:00:00+01:00',
    'tidings-correlation-id': 'import/1',
    traceparent: trace,
  })
  expect(requestOptions(headers)).toEqual({
    idempotencyKey: 'order/1',
    occurredAt: new Date('2018-01-31T11:00:00Z'),
    correlationId: 'import/1',
    traceparent: trace,
  })
})

test.each([
  ['"order/1"', 'order/1'],
  ['order/1', 'order/1'],
  ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['"a, b; c"', 'a, b; c'],
  [String.raw`"say \"no\" \\ twice"`, String.raw`say "no" \ twice`],
  ['"k";v=1', 'k'],
  [String.raw`"k"; a; b=?1;c="x;\"y";d=tok/en:1;*e=:YWI=:;f=-1.5`, 'k'],
  ['" "', ' '],
])('the header Idempotency-Key: %s is the key %j', (header, key) => {
  expect(requestOptions(new Headers({ 'idempotency-key': header }))).toEqual({ idempotencyKey: key })
})

test.each([
  '"a", "a"',
  '"a","b"',
  'a, a',
  'a;v=1',
  '"a',
  'a, "b"',
  '"a"b',
  '"a"; B=1',
  '"a";',
  '"a";b=',
  '"a";b=1.',
  String.raw`"a\b"`,
  '"ä"',
  '"\t"',
])('a doubled or malformed header Idempotency-Key is refused, and nothing is guessed: %s', (header) => {
  const options = () => requestOptions(new Headers({ 'idempotency-key': header }))
  expect(options).toThrow(
    expect.objectContaining({ code: 'INVALID_KEY', hint: expect.stringContaining('Send it once') }),
  )
})

test('two headers Idempotency-Key are refused, even if they are equal', () => {
  const headers = new Headers([
    ['idempotency-key', '"a"'],
    ['idempotency-key', '"a"'],
  ])
  expect(() => requestOptions(headers)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
})

test('an invalid trace context is ignored, and a trace state counts only with a valid one', () => {
  expect(requestOptions(new Headers({ traceparent: 'nonsense', tracestate: 'a=1' }))).toEqual({})
  expect(requestOptions(new Headers({ traceparent: `ff${trace.slice(2)}` }))).toEqual({})
  expect(requestOptions(new Headers({ tracestate: 'a=1' }))).toEqual({})
  expect(requestOptions(new Headers({ traceparent: trace, tracestate: 'A=1' }))).toEqual({ traceparent: trace })
})

test('doubled headers: two trace states are one, two parents are none', () => {
  const headers = new Headers({ traceparent: trace, tracestate: 'a=1' })
  headers.append('tracestate', 'b=2')
  expect(requestOptions(headers)).toEqual({ traceparent: trace, tracestate: 'a=1,b=2' })
  expect(queryOptions(headers)).toEqual({ traceparent: trace, tracestate: 'a=1,b=2' })
  headers.append('traceparent', trace)
  expect(requestOptions(headers)).toEqual({})
})

test.each([
  ['idempotency-key', '', 'INVALID_KEY'],
  ['idempotency-key', '""', 'INVALID_KEY'],
  ['idempotency-key', 'x'.repeat(513), 'INVALID_KEY'],
  ['tidings-occurred-at', 'yesterday', 'INVALID_PAYLOAD'],
  ['tidings-occurred-at', '2018-01-31', 'INVALID_PAYLOAD'],
  ['tidings-occurred-at', '2018-13-31T12:00:00Z', 'INVALID_PAYLOAD'],
  ['tidings-occurred-at', '1517400000000', 'INVALID_PAYLOAD'],
  ['tidings-occurred-at', '2026-02-30T12:00:00Z', 'INVALID_PAYLOAD'],
  ['tidings-occurred-at', '2026-01-31T24:00:00Z', 'INVALID_PAYLOAD'],
  ['tidings-correlation-id', 'a b', 'INVALID_PAYLOAD'],
  ['tidings-correlation-id', 'x'.repeat(129), 'INVALID_PAYLOAD'],
])('%s: %j is refused', (name, value, code) => {
  expect(() => requestOptions(new Headers({ [name]: value }))).toThrow(expect.objectContaining({ code }))
})
