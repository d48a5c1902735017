// What a rejection may be: a code in the grammar of names, and a message of a bounded length.

import { expect, test } from 'vitest'
import { reject, rejectionMessageMax } from './rejection.ts'

test.each(['Not A Code', '', 'tooLate', 'a'.repeat(121)])('a rejection refuses %j as its code', (code) => {
  expect(() => reject(code, 'No.')).toThrow('The rejection code name')
})

test('a message that repeats what a caller sent is cut, between characters', () => {
  expect(reject('no', 'x'.repeat(rejectionMessageMax)).message).toBe('x'.repeat(rejectionMessageMax))
  expect(reject('no', 'x'.repeat(400_000)).message).toBe(`${'x'.repeat(rejectionMessageMax - 1)}…`)
  const emoji = reject('no', '😀'.repeat(rejectionMessageMax)).message
  expect(emoji.isWellFormed()).toBe(true)
  expect(emoji.length).toBeLessThanOrEqual(rejectionMessageMax)
})

test('a rejection without a message says its code', () => {
  expect(reject('not-found', '').message).toBe('not-found')
})
