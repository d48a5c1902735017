// The tree of a conversation: each event is below the delivery that published it, and unfinished deliveries are counted.

import { defineEvent, defineQuery, defineService, fact, type LoggedEvent, timer } from 'tidings'
import { causalTree, type DeliveryAccount } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { rendered } from '../terminal/text.ts'
import { drawConversation } from './draw-conversation.ts'
import { responsibleFunctions } from './responsible-functions.ts'

const schema = z.object({ id: z.string() })
const Placed = defineEvent('shop.placed', { owner: 'orders', pattern: 'notification' })
  .version(1, schema)
  .key(({ id }) => id)
const Packed = defineEvent('shop.packed', { owner: 'parcels', pattern: 'notification' })
  .version(1, schema)
  .key(({ id }) => id)
const Order = defineQuery('order', { owner: 'orders', input: schema, output: schema })
const parcels = defineService('parcels', { publishes: [Packed] })
const services = [parcels.with({ pack: parcels.on(Placed, { publishes: [Packed], lookups: [Order] }, () => {}) })]

const at = Date.UTC(2026, 0, 1, 12)
const event = (id: string, type: string, parts: Partial<LoggedEvent>): LoggedEvent => ({
  id,
  source: 'orders',
  type,
  version: 1,
  readableFrom: 1,
  key: 'o-1',
  data: '{}',
  downcasts: null,
  entityVersion: null,
  occurredAt: at,
  recordedAt: at,
  correlationId: 'c',
  causationId: 'c',
  causedBy: 'command/place',
  principal: 'ann\u001b[2J',
  tenant: null,
  traceparent: null,
  tracestate: null,
  position: '1',
  ...parts,
})
const delivery = (eventId: string, parts: Partial<DeliveryAccount>): DeliveryAccount => ({
  eventId,
  service: 'parcels',
  subscriber: 'main',
  state: 'done',
  attempts: 1,
  durationMicros: 1_500,
  at: at + 20,
  error: undefined,
  ...parts,
})

function drawn(events: readonly LoggedEvent[], deliveries: readonly DeliveryAccount[], width = 100): readonly string[] {
  const [asked] = events
  if (asked === undefined) return []
  const tree = causalTree('c', events, deliveries)
  const lines = drawConversation(
    { asked, tree },
    { functions: responsibleFunctions(services), unavailable: [], width, complete },
  )
  return lines.map((line) => rendered(line, false).trimEnd())
}

const complete = (text: string) => text

const placed = event('e-1', 'shop.placed', {})
const packed = event('e-2', 'shop.packed', {
  source: 'parcels',
  causationId: 'e-1',
  causedBy: 'handler/pack',
  recordedAt: at + 19,
})

test('from the command to the last consequence', () => {
  expect(drawn([placed, packed], [delivery('e-1', {})])).toEqual([
    'Conversation c  2 events · 2 services · 20 ms',
    '',
    'place  command of orders by ann\\u001b[2J  2026-01-01 12:00:00.000',
    '└─ ▶ shop.placed  o-1  orders · command place  +0 ms',
    '   └─ ✓ parcels pack  1.5 ms, +20 ms',
    '      ├─ ⇄ looks up orders/order',
    '      └─ shop.packed  o-1  +19 ms',
  ])
})

test('failed and unfinished deliveries are marked in the tree and counted at the end', () => {
  const error = { code: 'HANDLER_FAILED', message: 'no\u001b]0;x' }
  const lines = drawn(
    [placed, packed],
    [
      delivery('e-1', { state: 'parked', attempts: 6, durationMicros: undefined, at: undefined, error }),
      delivery('e-2', {
        service: 'insights',
        subscriber: 'projection.sums',
        state: 'pending',
        attempts: 0,
        at: undefined,
      }),
    ],
  )
  expect(lines[4]).toBe('   └─ ✗ parcels pack  parked, 6 attempts  HANDLER_FAILED no\\u001b]0;x')
  expect(lines.join('\n')).toContain('… insights projection sums  pending')
  expect(lines.at(-1)).toBe('✗ 1 delivery parked (see `tidings dead`)   … 1 delivery not done yet')
})

test('a lookup is drawn below a delivery that has run, and not below one that has not', () => {
  const lookups = (state: DeliveryAccount['state']) =>
    drawn([placed], [delivery('e-1', { state, attempts: 0 })]).filter((line) => line.includes('⇄')).length
  expect([lookups('done'), lookups('retrying'), lookups('pending'), lookups('blocked')]).toEqual([1, 1, 0, 0])
})

test('an event that no delivery published is drawn below its cause; no event is drawn twice or left out', () => {
  const lines = drawn([placed, packed], [])
  expect(lines.filter((line) => line.includes('shop.packed'))).toEqual([
    '   └─ shop.packed  o-1  parcels · handler pack  +19 ms',
  ])
})

const billing = defineService('billing', { publishes: [] })
const withProcess = [
  ...services,
  billing.with({
    payment: billing
      .process('payment', {
        facts: { awaited: fact(schema) },
        initialState: () => ({}),
        evolve: { awaited: (state) => state },
        timers: { remind: timer() },
      })
      .starts(
        Placed,
        ({ id }) => id,
        () => {},
      )
      .due('remind', () => {}),
  }),
]

test('a delivery to a process manager has its name, and its events are below it; timers and effects are named as causes', () => {
  const billed = (id: string, causedBy: string) =>
    event(id, 'shop.billed', { source: 'billing', causationId: 'e-1', causedBy, recordedAt: at + 5 })
  const tree = causalTree(
    'c',
    [
      placed,
      billed('e-3', 'process/payment'),
      billed('e-4', 'timer/payment.remind'),
      billed('e-5', 'effect/send-mail'),
    ],
    [delivery('e-1', { service: 'billing', subscriber: 'payment' })],
  )
  const functions = responsibleFunctions(withProcess)
  const lines = drawConversation({ asked: placed, tree }, { functions, unavailable: [], width: 100, complete })
  expect(lines.slice(3).map((line) => rendered(line, false).trimEnd())).toEqual([
    '└─ ▶ shop.placed  o-1  orders · command place  +0 ms',
    '   ├─ ✓ billing process payment  1.5 ms, +20 ms',
    '   │  └─ shop.billed  o-1  +5 ms',
    '   ├─ shop.billed  o-1  billing · timer payment.remind  +5 ms',
    '   └─ shop.billed  o-1  billing · effect send-mail  +5 ms',
  ])
})
