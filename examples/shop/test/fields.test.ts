// Single fields: exact money, real dates, and reasons that say what is wrong.
import { expect, test } from 'vitest'
import { readCents, readCount, readId, readMoment, readMomentOrNone, readWord } from '../import/fields.ts'

test.each([
  ['39.90', 3990],
  ['39.9', 3990],
  ['39', 3900],
  ['0.07', 7],
  ['0.00', 0],
  // 1.1 * 100 is 110.00000000000001 and 4.35 * 100 is 434.99999999999994 in floating point.
  ['1.1', 110],
  ['4.35', 435],
  ['999999999999.99', 99999999999999],
])('%s is %d cents', (text, cents) => {
  expect(readCents('price', text)).toBe(cents)
})

test.each(['', ' ', '1,50', '1.234', '1e3', '.5', '5.', 'NaN', '+1', '0x10', '1 ', '12345678901234'])(
  '%j is not an amount',
  (text) => {
    expect(() => readCents('price', text)).toThrow('which is not an amount of money')
  },
)

test('a negative amount is refused', () => {
  expect(() => readCents('price', '-1.00')).toThrow('price is -1.00; it must not be negative')
})

test('a moment is read as UTC', () => {
  expect(readMoment('at', '2017-01-05 10:11:12')).toBe(Date.UTC(2017, 0, 5, 10, 11, 12))
  expect(readMoment('at', '2016-02-29 00:00:00')).toBe(Date.UTC(2016, 1, 29))
  expect(readMomentOrNone('at', '')).toBeNull()
})

test.each([
  '2017-02-30 00:00:00',
  '2017-02-29 00:00:00',
  '2017-13-01 00:00:00',
  '2017-00-10 00:00:00',
  '2017-01-01 24:00:00',
  '2017-01-01 10:60:00',
  '2017-01-01',
  '2017-01-01T10:00:00',
  '01/02/2017 10:00:00',
  'yesterday',
  '',
])('%j is not a date', (text) => {
  expect(() => readMoment('at', text)).toThrow('which is not a date and time')
})

test('ids, words and whole numbers are checked', () => {
  expect(() => readId('order_id', 'a/b')).toThrow('order_id is "a/b", which is not an id')
  expect(() => readId('order_id', '')).toThrow('not an id')
  expect(() => readWord('customer_state', ' ')).toThrow('it must have 1 to 64 characters')
  expect(readCount('review_score', '5', 1, 5)).toBe(5)
  for (const text of ['0', '6', '', '4.5', '-1', 'five']) {
    expect(() => readCount('review_score', text, 1, 5)).toThrow('it must be a whole number from 1 to 5')
  }
})
