// Cron expressions: which are accepted, which are refused, and every occurrence against a slow oracle that walks the clock by minutes.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCron } from './cron.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe', // half an hour of daylight saving
  'Asia/Kathmandu', // 5:45
  'America/St_Johns', // 3:30, clocks change
  'Asia/Beirut', // clocks change at midnight
  'Africa/Casablanca', // clocks go back for Ramadan
]

interface Wall {
  readonly minute: number
  readonly hour: number
  readonly day: number
  readonly month: number
  readonly weekday: number
}

const clocks = new Map<string, Intl.DateTimeFormat>()
function wallOf(ms: number, timeZone: string): Wall & { readonly date: string } {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      hourCycle: 'h23',
    })
  clocks.set(timeZone, clock)
  const parts = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay()
  return { minute, hour, day, month, weekday, date: `${year}-${month}-${day}` }
}

interface Fields {
  readonly minute: readonly number[]
  readonly hour: readonly number[] | '*'
  readonly day: readonly number[] | '*'
  readonly weekday: readonly number[] | '*'
}

const has = (list: readonly number[] | '*', value: number) => list === '*' || list.includes(value)

function isDay({ day, weekday }: Fields, wall: Wall): boolean {
  if (day !== '*' && weekday !== '*') return day.includes(wall.day) || weekday.includes(wall.weekday)
  return has(day, wall.day) && has(weekday, wall.weekday)
}

/** Walks minute by minute. A wall time that the clock skips counts right after the skip; one that occurs twice counts the first time. */
function oracle(fields: Fields, timeZone: string, afterMs: number, untilMs: number): number | undefined {
  // Starts two days earlier, to know which wall times have occurred already.
  const start = Math.floor(afterMs / minuteMs) * minuteMs - 2 * dayMs
  const shown = new Set<string>()
  let before = wallOf(start, timeZone)
  for (let ms = start + minuteMs; ms <= untilMs; ms += minuteMs) {
    const wall = wallOf(ms, timeZone)
    const matches: Wall[] = [wall]
    // The wall times that the clock skipped between the last minute and this one, on either day.
    if (fields.hour !== '*') {
      for (const day of before.date === wall.date ? [wall] : [before, wall]) {
        const from = day.date === before.date ? before.hour * 60 + before.minute + 1 : 0
        const to = day.date === wall.date ? wall.hour * 60 + wall.minute : 24 * 60
        for (let skipped = from; skipped < to; skipped++)
          matches.push({ ...day, hour: Math.floor(skipped / 60), minute: skipped % 60 })
      }
    }
    before = wall
    for (const match of matches) {
      if (!fields.minute.includes(match.minute) || !has(fields.hour, match.hour) || !isDay(fields, match)) continue
      const name = `${match.month}-${match.day} ${match.hour}:${match.minute}`
      const isFirst = !shown.has(name)
      shown.add(name)
      if (ms > afterMs && (fields.hour === '*' || isFirst)) return ms
    }
  }
  return undefined
}

const changes = [
  '2026-03-08T00:00Z',
  '2026-03-28T00:00Z',
  '2026-10-24T00:00Z',
  '2026-10-31T00:00Z',
  '2026-04-04T00:00Z', // Lord Howe back
  '2026-10-03T00:00Z', // Lord Howe forward
  '2026-02-14T00:00Z', // Casablanca back
  '2026-03-21T00:00Z', // Casablanca forward
].map((text) => Date.parse(text))

const someOf = (max: number, least = 0) =>
  fc
    .uniqueArray(fc.integer({ min: least, max }), { minLength: 1, maxLength: 3 })
    .map((list) => list.sort((a, b) => a - b))
const orAll = (list: fc.Arbitrary<number[]>) => fc.oneof(list, fc.constant('*' as const))

describe('an occurrence', () => {
  test('is the one that a walk through all minutes finds', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        fc.record({
          minute: someOf(59),
          // Early hours most of the time: clocks change then.
          hour: orAll(fc.oneof(someOf(4), someOf(23))),
          day: orAll(someOf(28, 1)),
          weekday: orAll(someOf(6)),
        }),
        fc.constantFrom(...zones),
        fc.constantFrom(...changes),
        fc.integer({ min: 0, max: 3 * 24 * 60 }),
        (fields, timeZone, around, minutes) => {
          const afterMs = around + minutes * minuteMs + 30_000
          const untilMs = afterMs + 3 * dayMs
          const expression = [fields.minute, fields.hour, fields.day, '*', fields.weekday].join(' ')
          const next = parseCron(expression, timeZone).next(afterMs)
          const expected = oracle(fields, timeZone, afterMs, untilMs)
          const found = next <= untilMs ? new Date(next).toISOString() : undefined
          expect(found).toBe(expected === undefined ? undefined : new Date(expected).toISOString())
        },
      ),
      { numRuns: 150 },
    )
  })
  test('comes after the given moment, and the next one after it', () => {
    const daily = parseCron('0 9 * * *')
    const nine = Date.parse('2026-01-02T09:00Z')
    expect(daily.next(nine - 1)).toBe(nine)
    expect(daily.next(nine)).toBe(nine + dayMs)
  })
  test.each([
    ['30 9 * * mon-fri', 'UTC', '2026-01-02T10:00Z', '2026-01-05T09:30'],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', '2028-02-29T00:00'],
    ['0 0 13 * fri', 'UTC', '2026-01-01T00:00Z', '2026-01-02T00:00'],
    ['*/20 * * * *', 'UTC', '2026-01-01T00:05Z', '2026-01-01T00:20'],
    ['5/20 1,2 * jan,DEC 7', 'UTC', '2026-01-01T00:05Z', '2026-01-04T01:05'],
    ['0 0 31 12 *', 'Asia/Kathmandu', '2026-01-01T00:00Z', '2026-12-30T18:15'],
  ])('%s in %s', (expression, timeZone, after, expected) => {
    const next = new Date(parseCron(expression, timeZone).next(Date.parse(after)))
    expect(next.toISOString().slice(0, 16)).toBe(expected)
  })
})

describe('refused with INVALID_PAYLOAD', () => {
  test.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '5-1 * * * *',
    '1-2-3 * * * *',
    '1, * * * *',
    '-1 * * * *',
    'mon * * * *',
    '* * * * monday',
    '1.5 * * * *',
    '@daily',
    '* * * * *; drop table',
    '９ * * * *',
  ])('%j', (expression) => {
    expect(() => parseCron(expression)).toThrow(expect.objectContaining({ code: 'INVALID_PAYLOAD' }))
  })
  test('a value that is not text, an unknown zone, a day that never occurs', () => {
    expect(() => parseCron(5 as never)).toThrow(expect.objectContaining({ code: 'INVALID_PAYLOAD' }))
    expect(() => parseCron('* * * * *', 'Mars/Olympus')).toThrow(expect.objectContaining({ code: 'INVALID_PAYLOAD' }))
    expect(() => parseCron('0 0 31 2 *').next(0)).toThrow('it never occurs')
    expect(() => parseCron('0 0 30 2,4 *').next(0)).not.toThrow()
  })
})
