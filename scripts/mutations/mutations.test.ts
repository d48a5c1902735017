// A mutation applies at exactly one place of its package, however that is formatted; otherwise the error names the mutation. Its test is
// found by the title in the test's source.
import { expect, test } from 'vitest'
import { type DeclaredTest, isTitled, testsTitled } from '../reference/test-titles.ts'
import { applyMutation, fingerprintOf } from './apply-mutation.ts'
import { patternOf } from './find-code.ts'
import { findTest } from './find-test.ts'
import { mutations, type NamedMutation } from './load-mutations.ts'
import { readSources, sourcesOf } from './package-files.ts'

const mutation: NamedMutation = {
  name: 'delivery/any',
  package: 'tidings',
  effect: 'Nothing is checked.',
  find: 'check(unit)',
  replace: '$& /* $1 */',
  test: 'group > it is checked',
}

const sources = (...texts: string[]) => texts.map((text, index) => ({ path: `${index}.ts`, text }))

test('code that occurs once in a package is replaced, and the replacement is taken literally', () => {
  const changed = { path: '1.ts', text: 'before\n$& /* $1 */\nafter' }
  expect(applyMutation(mutation, sources('other', 'before\ncheck(unit)\nafter'))).toEqual(changed)
})

test('without a replacement the code is removed', () => {
  const { replace: _, ...without } = mutation
  expect(applyMutation(without, sources('a; check(unit); b')).text).toBe('a; ; b')
})

test.each([
  [
    'not at all',
    ['nothing'],
    mutation,
    'delivery/any does not apply: its code was not found in the sources of tidings.',
  ],
  [
    'in two files',
    ['check(unit)', 'a\ncheck(unit)'],
    mutation,
    'delivery/any does not apply: its code was found 2 times in tidings: 0.ts:1, 1.ts:2.',
  ],
  ['twice in one file', ['check(unit)\ncheck(unit)'], mutation, /2 times in tidings: 0\.ts:1, 0\.ts:2\.$/],
  ['as an empty text', ['x'], { ...mutation, find: ' ' }, 'The code to find is empty.'],
  ['as its replacement', ['check(unit)'], { ...mutation, replace: 'check(unit)' }, 'delivery/any changes nothing.'],
])('code that occurs %s is an error', (_how, texts, changed, message) => {
  expect(() => applyMutation(changed, sources(...texts))).toThrow(message)
})

test.each([
  [
    'broken and indented',
    'if (!unit.check(key, revision)) return false',
    'if (\n    !unit.check(\n      key,\n      revision,\n    )\n  )\n    return false',
  ],
  ['joined', 'check(\n  key,\n)', 'check(key)'],
  ['over two statements', 'stage(unit) const result = 1', 'stage(unit)\n  const result = 1'],
  ['a template', `f(\`\${a}/\${b}\`, 'x')`, `f(\n  \`\${a}/\${b}\`,\n  'x',\n)`],
])('code that is %s is the same code', (_how, code, text) => {
  expect(`before ${text} after`.replace(patternOf(code), 'X')).toBe('before X after')
})

test.each([
  ['part of a longer name', 'check(unit)', 'recheck(unit)'],
  ['continues as a longer name', 'unit.check', 'unit.checked'],
  ['has a name in two', 'returnValue', 'return Value'],
  ['has two names in one', 'return value', 'returnvalue'],
  ['has another operator', 'a !== b', 'a === b'],
  ['has another case', 'check', 'Check'],
])('code that %s is other code', (_how, code, text) => {
  expect(text).not.toMatch(patternOf(code))
})

test('a fingerprint depends on the changed code and the test, and on nothing else', () => {
  const same = fingerprintOf(mutation)
  expect(fingerprintOf({ ...mutation, effect: 'In other words.', traps: ['zombie'], package: '@tidings/node' })).toBe(
    same,
  )
  for (const change of [{ find: 'x' }, { replace: 'x' }, { test: 'x' }])
    expect(fingerprintOf({ ...mutation, ...change })).not.toBe(same)
})

test('a title with parts that are only known at run time is found by its other parts', () => {
  expect(isTitled('P4 (…): retries keep the order', 'P4 (memory): retries keep the order')).toBe(true)
  expect(isTitled('the key … is refused', 'keys > the key "a.*" is refused')).toBe(true)
  expect(isTitled('retries keep the order', 'P4 (memory): retries keep the order')).toBe(false)
  expect(isTitled('a.c', 'abc')).toBe(false)
})

test('if several titles match, the most specific one is chosen; two equally specific ones are both returned', () => {
  const named = (file: string, title: string): DeclaredTest => ({ file, title, promises: [], traps: [], broken: false })
  const tests = [named('a', '… is refused'), named('b', 'the key … is refused'), named('c', '…')]
  expect(testsTitled(tests, 'anything')).toEqual([])
  expect(testsTitled(tests, 'the key "a.*" is refused').map(({ file }) => file)).toEqual(['b'])
  expect(testsTitled([...tests, named('e', 'the key … is refused')], 'the key x is refused')).toHaveLength(2)
})

test('a mutation that names a missing test is an error', () => {
  expect(() => findTest({ ...mutation, test: 'P4: none' })).toThrow(
    'delivery/any names a test that does not exist: P4: none',
  )
})

test('a missing package is an error, and the sources of a package are the files it ships', () => {
  expect(() => sourcesOf('@tidings/none')).toThrow('There is no package @tidings/none. The packages are ')
  expect(sourcesOf('tidings')).toContain('packages/tidings/src/index.ts')
  expect(sourcesOf('tidings').filter((file) => !file.includes('/src/') || file.includes('.test'))).toEqual([])
})

test('every mutation applies and names an existing test', () => {
  const refusals = mutations.flatMap((each) => {
    try {
      applyMutation(each, readSources(each.package))
      findTest(each)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
  expect(refusals).toEqual([])
})

test('no two mutations make the same change', () => {
  const changes = mutations.map(({ package: owner, find, replace }) => JSON.stringify([owner, find, replace]))
  expect(new Set(changes).size).toBe(changes.length)
})
