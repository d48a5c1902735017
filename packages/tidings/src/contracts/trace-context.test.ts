// What is read of a W3C trace context, and what is ignored.

import { expect, test } from 'vitest'
import { parseTraceContext, parseTraceparent, parseTracestate } from './trace-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'
const valid = `00-${traceId}-${parentId}-01`

test.each([
  [valid, valid],
  [`  ${valid}\t`, valid],
  [`00-${traceId}-${parentId}-00`, `00-${traceId}-${parentId}-00`],
  [`cc-${traceId}-${parentId}-01`, valid],
  [`cc-${traceId}-${parentId}-01-what-the-future-brings`, valid],
  [`01-${traceId}-${parentId}-02`, `00-${traceId}-${parentId}-00`],
])('traceparent %j is read as %j', (text, read) => {
  expect(parseTraceparent(text)).toBe(read)
})

test.each([
  '',
  'nonsense',
  `ff-${traceId}-${parentId}-01`,
  `00-${'0'.repeat(32)}-${parentId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-${parentId}-01-more`,
  `00-${traceId}-${parentId}-01.`,
  `cc-${traceId}-${parentId}-01.what`,
  `00-${traceId.toUpperCase()}-${parentId}-01`,
  `0-${traceId}-${parentId}-01`,
  `000-${traceId}-${parentId}-01`,
  `00-${traceId}0-${parentId}-01`,
  `00-${traceId}-${parentId}-1`,
  `${valid}, ${valid}`,
])('traceparent %j is ignored', (text) => {
  expect(parseTraceparent(text)).toBeUndefined()
  expect(parseTraceContext(text, 'foo=1')).toEqual({ traceparent: null, tracestate: null })
})

test.each([
  ['foo=1', 'foo=1'],
  ['foo=1 \t , \t bar=2,,\tbaz=3 ', 'foo=1,bar=2,baz=3'],
  ['foo=1,foo=2', 'foo=1,foo=2'],
  ['foo@bar@baz=1, 1-_*/=!~ "x', 'foo@bar@baz=1,1-_*/=!~ "x'],
  [`${'z'.repeat(256)}=1`, `${'z'.repeat(256)}=1`],
])('tracestate %j is read as %j', (text, read) => {
  expect(parseTracestate(text)).toBe(read)
  expect(parseTraceContext(valid, text)).toEqual({ traceparent: valid, tracestate: read })
})

const members = (count: number, value = '1') => Array.from({ length: count }, (_, n) => `k${n}=${value}`).join(',')

test.each([
  '',
  ' , ',
  'foo',
  'foo=',
  'foo =1',
  'FOO=1',
  'foo.bar=1',
  '@foo=1,bar=2',
  'foo=bar=baz',
  'foo=é',
  'foo=1,bar=\u0001',
  `foo=1,${'z'.repeat(257)}=1`,
  `foo=${'x'.repeat(257)}`,
  members(33),
])('tracestate %j is ignored, and the parent is not', (text) => {
  expect(parseTracestate(text)).toBeUndefined()
  expect(parseTraceContext(valid, text)).toEqual({ traceparent: valid, tracestate: null })
})

test('of a trace state that is too long, long members go first, then the last ones', () => {
  expect(parseTracestate(members(32))).toBe(members(32))
  const long = `long=${'x'.repeat(200)}`
  expect(parseTracestate(`${long},${members(31, 'y'.repeat(60))}`)).toBe(members(31, 'y'.repeat(60)))
  const kept = parseTracestate(members(32, 'z'.repeat(120))) ?? ''
  expect(kept.length).toBeLessThanOrEqual(2_048)
  expect(kept.split(',').length).toBe(16)
})
