// Rows of the schedule as text: what is read is what was written, by this build or by one before layout 3.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ScheduledItem, type ScheduledRow, timerId } from './scheduled-item.ts'
import { readScheduled, writeScheduled } from './scheduled-row.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/)
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((each) => each.isWellFormed())
const textOrNull = fc.option(text, { nil: null })
const moment = fc.integer({ min: -1e15, max: 1e15 })

const origin = fc.record({
  correlationId: text,
  causationId: text,
  causedBy: text,
  principal: textOrNull,
  tenant: textOrNull,
  traceparent: textOrNull,
  tracestate: textOrNull,
  occurredAt: moment,
})

/** JSON texts with spaces, escapes, members that occur twice and numbers that no parser gives back. */
const data = fc.oneof(
  fc.json(),
  fc.constantFrom(
    'null',
    ' { "a" : [ 1 , 2 ] } ',
    '{"twice":1,"twice":2}',
    '9007199254740993',
    '"\\u0000 \\ud83d 😀"',
    '-0',
  ),
)

const common = {
  name,
  key: text,
  dueAt: fc.oneof(
    moment,
    fc.double({ min: -1e15, max: 1e15, noNaN: true }).map((at) => at || 0),
  ),
  version: fc.integer({ min: 1, max: 99 }),
  data,
  origin: fc.oneof(
    origin,
    origin.map((each) => ({ ...each, causationId: each.correlationId })),
  ),
}
const some = {
  every: fc.record({ cron: text, timeZone: text }),
  declared: fc.constant(true as const),
  released: fc.constant(true as const),
  missed: fc.nat(),
  performed: fc.record({ answer: text, fits: fc.boolean() }),
}

const timer = fc
  .record({ ...common, owner: fc.oneof(fc.constant('-'), name), queue: fc.constantFrom('', 'timers.main', 'timers.x') })
  .map(({ queue, ...rest }) => ({
    ...rest,
    kind: 'timer' as const,
    id: timerId(rest.owner, rest.name, rest.key),
    queue: queue || `timers.${rest.owner}`,
  }))
const effect = fc.record({ ...common, idempotencyKey: text }).map(({ idempotencyKey, ...rest }) => ({
  ...rest,
  kind: 'effect' as const,
  id: `effect/${rest.name}/${idempotencyKey}`,
  owner: rest.name,
  queue: `effects.${rest.name}`,
}))

const item: fc.Arbitrary<ScheduledItem> = fc
  .tuple(fc.oneof(timer, effect), fc.record(some, { requiredKeys: [] }))
  .map(([each, others]) => ({ ...each, ...others }))

const row: fc.Arbitrary<ScheduledRow> = fc
  .tuple(item, fc.option(fc.constantFrom('0000000000000007', '0000000000000123'), { nil: undefined }))
  .map(([each, claimed]) => (claimed === undefined ? { item: each } : { claimed, item: each }))

test('a row of the schedule is read as it was written, its data byte for byte [trap: payload-changed]', () => {
  fc.assert(
    fc.property(row, (written) => {
      const { json } = writeScheduled(written)
      expect(readScheduled({ key: written.item.id, json })).toEqual(written)
      expect(() => JSON.parse(json)).not.toThrow()
    }),
    { numRuns: 1_000 },
  )
})

test('a row that a build before layout 3 has written is read as it was written', () => {
  fc.assert(
    fc.property(row, (written) => {
      expect(readScheduled({ key: written.item.id, json: JSON.stringify(written) })).toEqual(written)
    }),
  )
})

test('the row of a timer is short: the data, the conversation, and less than sixty characters', () => {
  const correlationId = '019412aa-0000-7000-8000-000000000001'
  const { json } = writeScheduled({
    item: {
      kind: 'timer',
      id: timerId('-', 'remind', 'order-1'),
      owner: '-',
      name: 'remind',
      key: 'order-1',
      queue: 'timers.main',
      dueAt: 1_764_000_000_000,
      version: 1,
      data: '{"customerId":"customer-1"}',
      origin: {
        correlationId,
        causationId: correlationId,
        causedBy: 'command/remind',
        principal: null,
        tenant: null,
        traceparent: null,
        tracestate: null,
        occurredAt: 1_763_000_000_000,
      },
    },
  })
  expect(json).toBe(
    `[27,1764000000000,1,"${correlationId}",0,"command/remind",1763000000000,0,{"customerId":"customer-1"}]`,
  )
})
