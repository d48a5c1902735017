// Wall times and moments: conversions are inverse to each other, also for wall times that are skipped or occur twice.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantsOf, localTimeOf } from './time-zone.ts'

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Pacific/Apia',
]
const at = (text: string) => Date.parse(`${text}Z`)
const shown = (list: readonly number[]) => list.map((ms) => new Date(ms).toISOString().slice(0, 16))

describe('a wall time', () => {
  test('is shown at each of its moments; a moment is among those of its wall time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('2012-01-01T00:00'), max: at('2040-01-01T00:00') }),
        (zone, ms) => {
          const wall = localTimeOf(ms, zone)
          const { instants, skipped } = instantsOf(wall, zone)
          expect(skipped).toBe(false)
          expect(instants).toContain(ms)
          for (const instant of instants) expect(localTimeOf(instant, zone)).toBe(wall)
        },
      ),
    )
  })
  test.each([
    ['Europe/Berlin', '2026-03-29T02:30', ['2026-03-29T01:00'], true],
    ['Europe/Berlin', '2026-10-25T02:30', ['2026-10-25T00:30', '2026-10-25T01:30'], false],
    ['America/New_York', '2026-03-08T02:00', ['2026-03-08T07:00'], true],
    ['America/New_York', '2026-11-01T01:59', ['2026-11-01T05:59', '2026-11-01T06:59'], false],
    ['Australia/Lord_Howe', '2026-10-04T02:15', ['2026-10-03T15:30'], true],
    ['Australia/Lord_Howe', '2026-04-05T01:45', ['2026-04-04T14:45', '2026-04-04T15:15'], false],
    ['UTC', '2026-03-29T02:30', ['2026-03-29T02:30'], false],
  ])('%s %s', (zone, wall, expected, skipped) => {
    const found = instantsOf(at(wall), zone)
    expect({ instants: shown(found.instants), skipped: found.skipped }).toEqual({ instants: expected, skipped })
  })
  test('counts milliseconds, before 1970 too', () => {
    expect(localTimeOf(-1, 'UTC')).toBe(-1)
    expect(localTimeOf(at('2026-01-01T00:00') + 123, 'Asia/Kathmandu')).toBe(at('2026-01-01T05:45') + 123)
  })
  test('of an unknown zone is refused', () => {
    expect(() => localTimeOf(0, 'Nowhere')).toThrow('"Nowhere" is not a known time zone')
  })
})
