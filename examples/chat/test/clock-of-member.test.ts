// A member's own clock: quiet hours over midnight and over a change to daylight saving time, and the day in their time zone.
import { expect, test } from 'vitest'
import { dayOf, quietUntil } from '../services/impulses/clock-of-member.ts'

const berlin = { timeZone: 'Europe/Berlin', quietHours: { from: '22:00', to: '07:00' } }
const until = (at: string, clock: Parameters<typeof quietUntil>[1] = berlin) =>
  quietUntil(new Date(at), clock)?.toISOString()

test('quiet hours go over midnight', () => {
  expect(until('2026-01-10T20:59:59Z')).toBeUndefined()
  expect(until('2026-01-10T21:00:00Z')).toBe('2026-01-11T06:00:00.000Z')
  expect(until('2026-01-11T05:59:59Z')).toBe('2026-01-11T06:00:00.000Z')
  expect(until('2026-01-11T06:00:00Z')).toBeUndefined()
})

test('quiet hours within a day', () => {
  const noon = { timeZone: 'UTC', quietHours: { from: '12:00', to: '14:30' } }
  expect(until('2026-01-10T11:59:00Z', noon)).toBeUndefined()
  expect(until('2026-01-10T12:00:00Z', noon)).toBe('2026-01-10T14:30:00.000Z')
  expect(until('2026-01-10T14:30:00Z', noon)).toBeUndefined()
})

test('in a night when the clocks change, they end at the same time of day', () => {
  expect(until('2026-03-29T00:30:00Z')).toBe('2026-03-29T05:00:00.000Z')
  expect(until('2026-10-25T00:30:00Z')).toBe('2026-10-25T06:00:00.000Z')
})

test('a member without quiet hours has none', () => {
  expect(until('2026-01-10T23:00:00Z', { timeZone: 'UTC', quietHours: null })).toBeUndefined()
})

test('a day is a day in the member’s time zone', () => {
  expect(dayOf(new Date('2026-01-10T23:30:00Z'), { timeZone: 'Asia/Tokyo', quietHours: null })).toBe('2026-01-11')
  expect(dayOf(new Date('2026-01-10T23:30:00Z'), { timeZone: 'America/New_York', quietHours: null })).toBe('2026-01-10')
})
