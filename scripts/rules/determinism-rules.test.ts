// Every forbidden use of time, randomness, timers, the process and output is found.
import { expect, test } from 'vitest'
import { checkDeterminism } from './determinism-rules.ts'

const path = 'packages/tidings/src/runtime/deliver.ts'
const check = (text: string, allowed: readonly string[] = []): string[] =>
  checkDeterminism([{ path, text }], allowed.length > 0 ? [{ path, uses: allowed, because: 'a test' }] : []).map(
    ({ message }) => message,
  )

test.each([
  ['Date.now', 'const a = Date.now()'],
  ['new Date()', 'const a = new Date()'],
  ['new Date()', 'const a = Date()'],
  ['Math.random', 'const a = Math.random() * 2'],
  ['performance.now', 'const a = performance.now()'],
  ['crypto.randomUUID', 'const a = crypto.randomUUID()'],
  ['setTimeout', 'setTimeout(() => {}, 1)'],
  ['setInterval', 'const wait = setInterval'],
  ['setImmediate', 'schedule(setImmediate)'],
  ['process.env', 'if (process.env.DEBUG) go()'],
  ['console.log', 'console.log(1)'],
  ['node:timers/promises', `import { setTimeout as wait } from 'node:timers/promises'`],
  ['randomUUID', `import { randomUUID as id } from 'node:crypto'`],
])('%s is refused in: %s', (use, text) => {
  expect(check(text)).toEqual([`do not call ${use} here; take it from a port.`])
})

test.each([
  'const a = new Date(0).toISOString()',
  'const a = Date.parse(text)',
  'clock.now(); timeouts.setTimeout(1); const b = { process: 1 }',
  '// Date.now()\nconst a = "console.log(Math.random())"',
  `import { createHash } from 'node:crypto'`,
  'const process = (x: number) => x',
])('this is allowed: %s', (text) => {
  expect(check(text)).toEqual([])
})

test('an allowance applies to one use in one file; an allowance that is not used is an error', () => {
  expect(check('const a = Date.now()', ['Date.now'])).toEqual([])
  expect(check('process.stdout.write("x")', ['process'])).toEqual([])
  expect(check('const a = Date.now()', ['setTimeout'])).toHaveLength(2)
  expect(check('const a = 1', ['Date.now'])).toEqual([
    'no longer uses Date.now; remove it from port-implementations.ts.',
  ])
})

test('tests, adapters and the command line are not checked', () => {
  const files = ['packages/tidings/src/a.test.ts', 'adapters/node/src/clock.ts', 'packages/cli/src/main.ts']
  expect(
    checkDeterminism(
      files.map((file) => ({ path: file, text: 'Date.now()' })),
      [],
    ),
  ).toEqual([])
})
