// Durations: their parts add up to whole milliseconds, and anything else is refused with a code.

import { expect, test } from 'vitest'
import { durationMs } from './duration.ts'

test('the parts of a duration add up', () => {
  expect(durationMs({ days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 })).toBe(93_784_005)
  expect(durationMs({ days: 60 })).toBe(5_184_000_000)
  expect(durationMs({ minutes: 0.5, milliseconds: 0.4 })).toBe(30_000)
  expect(durationMs({ hours: 1, minutes: -30 })).toBe(1_800_000)
  expect(durationMs({})).toBe(0)
})

test.each([
  [{ minutes: -1 }],
  [{ days: Number.NaN }],
  [{ hours: Number.POSITIVE_INFINITY }],
  [{ minutes: '10' }],
  [{ fortnights: 1 }],
  [{ constructor: 1 }],
  [600_000],
  [null],
  [undefined],
])('%j is not a duration', (duration) => {
  expect(() => durationMs(duration as never)).toThrow(expect.objectContaining({ code: 'INVALID_PAYLOAD' }))
})
