// The rig's command line: what it accepts, and what it refuses.
import { expect, test } from 'vitest'
import { UsageError } from '../command-line/options.ts'
import { readRigOptions } from '../rig/options.ts'

test('a run takes a minute by default', () => {
  expect(readRigOptions([])).toMatchObject({ minutes: 1, seed: undefined, rate: 60, broken: [], json: false })
  const words = ['--minutes', '0.5', '--seed=7', '--broken', 'dual-write,early-answers', '--json']
  expect(readRigOptions(words)).toMatchObject({
    minutes: 0.5,
    seed: 7,
    broken: ['dual-write', 'early-answers'],
    json: true,
  })
})

test.each([
  ['--minute'],
  ['--minutes', 'long'],
  ['--minutes', ''],
  ['--seed', '1.5'],
  ['--broken', 'everything'],
  ['x'],
])('%s %s is refused', (...words) => {
  expect(() => readRigOptions(words)).toThrow(UsageError)
})
