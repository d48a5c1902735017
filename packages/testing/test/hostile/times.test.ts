// Recurring times, time zones and durations from any text: a later occurrence, or a code, and quickly.

import fc from 'fast-check'
import { isTidingsError, parseCron } from 'tidings'
import { expect, test } from 'vitest'

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
)
const field = (from: number, to: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: from, max: to }).map(String),
    fc.integer({ min: 1, max: to }).map((step) => `*/${step}`),
    fc
      .tuple(fc.integer({ min: from, max: to }), fc.integer({ min: from, max: to }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  )
const crons = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
  .map((fields) => fields.join(' '))
const moments = fc.integer({ min: -8.64e15, max: 8.64e15 })

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return isTidingsError(error) ? error.code : `not a TidingsError: ${String(error)}`
  }
}

test('P11: any text is a cron expression, or is refused with its code, and its error is short', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(fc.constantFrom('*', '/', '-', ',', ' ', '0', '59', '99', 'mon', 'jan', '\0', '１'), { maxLength: 60 })
      .map((parts) => parts.join('')),
    fc.constantFrom(
      '1,'.repeat(100_000),
      ' '.repeat(100_000),
      '* '.repeat(100_000),
      '0-59/0 * * * *',
      '*/1000 * * * *',
    ),
  )
  fc.assert(
    fc.property(texts, fc.oneof(zones, fc.string({ unit: 'binary' })), (text, zone) => {
      const code = codeOf(() => parseCron(text, zone).next(0))
      expect([undefined, 'INVALID_PAYLOAD']).toContain(code)
    }),
  )
  for (const [cron, zone] of [
    ['1,'.repeat(1_000_000), 'UTC'],
    ['* * * * *', 'x'.repeat(1_000_000)],
  ] as const)
    expect(() => parseCron(cron, zone)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/s) }),
    )
})

test('P11: the next occurrence is later than the given time, or a code says that there is none', () => {
  fc.assert(
    fc.property(crons, zones, moments, (cron, zone, moment) => {
      const code = codeOf(() => expect(parseCron(cron, zone).next(moment)).toBeGreaterThan(moment))
      expect([undefined, 'INVALID_PAYLOAD']).toContain(code)
    }),
  )
  for (const moment of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -8.64e15 - 1])
    expect(codeOf(() => parseCron('* * * * *').next(moment))).toBe('INVALID_PAYLOAD')
})

test('years before 100 and before year 1 are kept as they are', () => {
  const noon = parseCron('0 12 * * *')
  for (const moment of ['0050-01-01T00:00:00.000Z', '0000-03-01T00:00:00.000Z', '-000100-01-01T00:00:00.000Z'])
    expect(new Date(noon.next(Date.parse(moment))).toISOString()).toBe(moment.replace('T00', 'T12'))
})

test('a clock that is set forward or back neither loses nor doubles an occurrence [trap: timers]', () => {
  const due = (cron: string, from: string, count: number) => {
    const times = parseCron(cron, 'Europe/Berlin')
    const found: string[] = []
    for (let at = Date.parse(from); found.length < count; ) {
      at = times.next(at)
      found.push(new Date(at).toISOString().slice(0, 16))
    }
    return found
  }
  expect(due('30 2 * * *', '2026-03-27T12:00Z', 3)).toEqual([
    '2026-03-28T01:30',
    '2026-03-29T01:00',
    '2026-03-30T00:30',
  ])
  expect(due('30 2 * * *', '2026-10-23T12:00Z', 3)).toEqual([
    '2026-10-24T00:30',
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ])
  expect(due('0 * * * *', '2026-10-24T23:30Z', 4)).toEqual([
    '2026-10-25T00:00',
    '2026-10-25T01:00',
    '2026-10-25T02:00',
    '2026-10-25T03:00',
  ])
})

test('P11: the minutes of a week are computed quickly, also across a change of the clock', () => {
  for (const zone of ['UTC', 'Europe/Berlin']) {
    const every = parseCron('* * * * *', zone)
    const from = Date.parse('2026-03-25T00:00:00Z')
    const startedAt = performance.now()
    let at = from
    for (let minutes = 0; minutes < 10_000; minutes++) at = every.next(at)
    expect(at - from).toBe(10_000 * 60_000)
    // A generous limit: without care, this takes minutes.
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  }
})
