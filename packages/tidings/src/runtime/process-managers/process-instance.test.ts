// The names of instances' streams and steps: no two instances and no two runs share one.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stepKey, stepsPrefix, streamOfRun } from './process-instance.ts'

// Keys made of the characters that the names use as separators are the most likely to collide.
const key = fc.string({ unit: fc.constantFrom('a', '#', '/', '2', '%'), minLength: 1, maxLength: 8 })
const run = fc.integer({ min: 1, max: 23 })

test('a stream names one key and one run', () => {
  expect([streamOfRun('q1', 1), streamOfRun('q1', 2)]).toEqual(['q1', 'q1#2'])
  expect(streamOfRun('a#2', 1)).not.toBe(streamOfRun('a', 2))
  fc.assert(
    fc.property(key, run, key, run, (oneKey, oneRun, otherKey, otherRun) => {
      const same = oneKey === otherKey && oneRun === otherRun
      expect(streamOfRun(oneKey, oneRun) === streamOfRun(otherKey, otherRun)).toBe(same)
    }),
    { numRuns: 5_000 },
  )
})

test('the steps of an instance are its own', () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      fc.pre(one !== other)
      expect(stepKey('p', other, 1).startsWith(stepsPrefix('p', one))).toBe(false)
    }),
  )
})
