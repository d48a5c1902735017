// The rules that need the compiler or the syntax tree: docstrings, floating promises, bare errors, skipped tests.
import { expect, test } from 'vitest'
import { checkCode } from './code-rules.ts'
import { checkDocstrings } from './docstring-rules.ts'
import { createProgramOf } from './in-memory-program.ts'
import { checkPromises } from './promise-rules.ts'

const same = (file: string): string => file

test('a public name without a docstring is found, also behind export-from; a private one is not', () => {
  const program = createProgramOf({
    'entry.ts': `/** A. */\nexport const a = 1\nexport const b = 2\nexport * from './inner.ts'\nconst c = 3`,
    'inner.ts': `/** D. */\nexport interface D {}\nexport type E = { f: 1 }\nexport function g(): void {}`,
  })
  const found = checkDocstrings(program, ['entry.ts'], same)
  expect(found.map(({ message }) => message).sort()).toEqual([
    'E has no docstring.',
    'b has no docstring.',
    'g has no docstring.',
  ])
  expect(found.find(({ message }) => message.startsWith('E '))).toMatchObject({ line: 3 })
})

test('an option without a docstring is found', () => {
  const program = createProgramOf({
    'entry.ts': `/** O. */\nexport interface SendOptions {\n /** T. */\n timeoutMs: number\n retries: number }`,
  })
  const found = checkDocstrings(program, ['entry.ts'], same)
  expect(found.map(({ message }) => message)).toEqual(['SendOptions.retries has no docstring.'])
})

test('a floating promise is found; one that is awaited, returned or marked with void is not', () => {
  const text = `
    const send = async (): Promise<void> => {}
    const maybe = (): void | Promise<void> => send()
    export const good = async (): Promise<void> => { await send(); void send(); const kept = send(); return kept }
    export const bad = (): void => { send(); maybe() }
    send().then(() => 1)
    send().then(() => 1, () => 2)
    send().catch(() => 2)`
  const found = checkPromises(createProgramOf({ 'entry.ts': text }), ['entry.ts'], same)
  expect(found.map(({ line }) => line)).toEqual([5, 5, 6])
})

test('a bare error is found in the core, a driver or an adapter, and allowed elsewhere', () => {
  const text = `throw new Error('x')`
  const paths = [
    'packages/tidings/src/a.ts',
    'drivers/sqlite/src/a.ts',
    'adapters/node/src/a.ts',
    'packages/cli/src/a.ts',
  ]
  const found = checkCode(paths.map((path) => ({ path, text })))
  expect(found.map(({ path }) => path)).toEqual(paths.slice(0, 3))
  expect(checkCode([{ path: 'drivers/sqlite/src/a.ts', text: 'throw new TidingsError("CODE", "x")' }])).toEqual([])
})

test.each(['test.skip("a", f)', 'describe.only("a", f)', 'it.todo("a")', 'test.each([1]).skip("a", f)'])(
  'a skipped test is found: %s',
  (text) => {
    expect(checkCode([{ path: 'packages/tidings/test/a.test.ts', text }])).toHaveLength(1)
  },
)

test('other methods of the same names are not tests', () => {
  const text = `pages.skip(1); test.each([1])('a', f); it('b', f)`
  expect(checkCode([{ path: 'packages/tidings/test/a.test.ts', text }])).toEqual([])
})
