// What an editor shows for the calls that declare a service, over all services of the examples: it begins with the name of the thing, and its
// length has a limit. An editor prints every argument of a type, so shapes with many members are as long as the compiler lets them be.
import { globSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { shownCalls } from './diagnose.ts'

const root = path.resolve(import.meta.dirname, '../../../..')
const files = globSync('examples/{hello,shop,chat}/{main.ts,services/**/*.ts}', { cwd: root }).toSorted()
const declaring = ['on', 'onRetracted', 'command', 'query', 'live', 'due', 'effect', 'process', 'starts', 'decider']
const using = ['get', 'find', 'list', 'put', 'remove', 'page', 'require']
const calls = shownCalls(files, [...declaring, 'onFact', 'projection', ...using]).filter(
  ({ text }) => !text.startsWith('(method) ServiceRuntime'),
)

// In characters. The compiler stops at about 500, but never within a list of members that it has begun.
const limits = { declaring: 1_100, declaringMedian: 700, using: 700, usingMedian: 250 }

const lengthsOf = (methods: readonly string[]) =>
  calls
    .filter(({ method }) => methods.includes(method))
    .map(({ text }) => text.length)
    .sort((a, b) => a - b)

test('an editor shows a function of a service in few characters', () => {
  const tooLong = calls.filter(
    ({ method, text }) => text.length > limits[using.includes(method) ? 'using' : 'declaring'],
  )
  expect(tooLong).toEqual([])
  const lengths = lengthsOf([...declaring, 'onFact', 'projection'])
  expect(lengths.length).toBeGreaterThan(100)
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(limits.declaringMedian)
})

test('an editor shows a read or write of a table in few characters', () => {
  const lengths = lengthsOf(using)
  expect(lengths.length).toBeGreaterThan(100)
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(limits.usingMedian)
})

test('what an editor shows of a function begins with the name of its event, command, query, effect or timer', () => {
  const named = /^\(method\) \w+<(?:\w+<)*"[a-z.-]+"|^\(method\) \w+<"\w+"/i
  const handling = ['on', 'onRetracted', 'command', 'query', 'live', 'due', 'effect', 'starts', 'decider', 'onFact']
  const nameless = calls.filter(({ method, text }) => handling.includes(method) && !named.test(text))
  expect(nameless.map(({ at, text }) => `${at}: ${text.slice(0, 80)}`)).toEqual([])
})
