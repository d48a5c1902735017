// The verdict on invented evidence: correct evidence gives no findings, and each defect gives its own finding.
import { eventName, findingsOf, judge, placeOf, type RigEvidence } from '@tidings/testing/rig'
import type { LoggedEvent } from 'tidings'
import { expect, test } from 'vitest'

function event(id: string, type: string, key: string, position: string): LoggedEvent {
  return {
    id,
    source: 'bar',
    type,
    version: 1,
    readableFrom: 1,
    key,
    data: '{}',
    downcasts: null,
    entityVersion: null,
    occurredAt: 0,
    recordedAt: 0,
    correlationId: id,
    causationId: id,
    causedBy: 'command/x',
    principal: null,
    tenant: null,
    traceparent: null,
    tracestate: null,
    position,
  }
}

const ordered = eventName('ordered', 't-1')
const served = eventName('served', 't-1')
const history = [event('1', 'ordered', 't-1', 'a'), event('2', 'served', 't-1', 'b')]
const correct: RigEvidence = {
  expectations: [
    { anyOf: [ordered], isCertain: true, because: 'order-1' },
    { anyOf: [served, eventName('cancelled', 't-1')], isCertain: true, because: 'order-1' },
    { anyOf: [eventName('ordered', 't-2')], isCertain: false, because: 'order-2' },
  ],
  histories: new Map([['bar', history]]),
  heard: new Map([[placeOf('bar', 't-1'), ['1', '2']]]),
  performed: [
    { outcome: served, idempotencyKey: 'k' },
    { outcome: served, idempotencyKey: 'k' },
  ],
  stuck: [],
}

const found = (evidence: Partial<RigEvidence>) => {
  const verdict = judge({ ...correct, ...evidence })
  return Object.entries(verdict).flatMap(([kind, rows]: [string, readonly string[]]) => rows.map(() => kind))
}
const heard = (...ids: readonly string[]): RigEvidence['heard'] => new Map([[placeOf('bar', 't-1'), ids]])

test('correct evidence gives no findings, even if an effect was repeated under its key and a command was never answered', () => {
  expect(findingsOf(judge(correct))).toBe(0)
})

test('an acknowledged event that is in no history is lost', () => {
  const missing = { anyOf: [eventName('ordered', 't-3')], isCertain: true, because: 'order-3' }
  expect(found({ expectations: [...correct.expectations, missing] })).toEqual(['lost'])
})

test('an event that is twice in the history is doubled, under one id or two', () => {
  const again = event('3', 'ordered', 't-1', 'c')
  expect(found({ histories: new Map([['bar', [...history, again]]]), heard: heard('1', '2', '3') })).toEqual([
    'doubled',
  ])
  const same = event('1', 'ordered', 't-1', 'c')
  expect(found({ histories: new Map([['bar', [...history, same]]]) })).toContain('doubled')
})

test('of two events that exclude each other, one is too many', () => {
  const both = [...history, event('3', 'cancelled', 't-1', 'c')]
  expect(found({ histories: new Map([['bar', both]]), heard: heard('1', '2', '3') })).toEqual(['doubled'])
})

test('an event that nothing caused is a phantom', () => {
  const [first] = correct.expectations
  expect(found({ expectations: first === undefined ? [] : [first] })).toEqual(['phantom'])
})

test('events that the observer missed, handled twice, in another order or without a publisher are found', () => {
  expect(found({ heard: heard('1') })).toEqual(['lost'])
  expect(found({ heard: heard('1', '2', '1') })).toEqual(['doubled'])
  expect(found({ heard: heard('2', '1') })).toEqual(['outOfOrder'])
  expect(found({ heard: heard('1', '9', '2') })).toEqual(['phantom'])
  expect(found({ heard: new Map([...heard('1', '2'), [placeOf('bar', 't-9'), ['9']]]) })).toEqual(['phantom'])
})

test('an effect under two keys, one without an outcome, and one that nobody saw are found', () => {
  const [once] = correct.performed
  if (once === undefined) throw new Error('there is one')
  expect(found({ performed: [once, { ...once, idempotencyKey: 'l' }] })).toEqual(['doubled'])
  expect(found({ performed: [once, { outcome: eventName('served', 't-2'), idempotencyKey: 'l' }] })).toEqual([
    'phantom',
  ])
  const more = [...history, event('3', 'served', 't-2', 'c')]
  const expectations = [...correct.expectations, { anyOf: [eventName('served', 't-2')], isCertain: true, because: 'x' }]
  const withMore = new Map([...correct.heard, [placeOf('bar', 't-2'), ['3']]])
  expect(found({ histories: new Map([['bar', more]]), expectations, heard: withMore })).toEqual(['lost'])
})

test('what is stuck is reported unchanged', () => {
  expect(found({ stuck: ['kitchen is not up'] })).toEqual(['stuck'])
})
