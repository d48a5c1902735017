// Mutations apply at one place or are refused by name, and a test is found by the title that its source declares.
import { expect, test } from 'vitest'
import { isTitled } from '../reference/test-titles.ts'
import { applyMutation, fingerprintOf } from './apply-mutation.ts'
import { mutations, type NamedMutation } from './load-mutations.ts'

const mutation: NamedMutation = {
  name: 'delivery/any',
  effect: 'Nothing is checked.',
  traps: [],
  promises: ['P1'],
  file: 'any.ts',
  find: 'check(unit)',
  replace: '$& /* $1 */',
  test: { file: 'any.test.ts', title: 'group > it is checked' },
}

test('a text that stands once is replaced, and what replaces it means itself', () => {
  expect(applyMutation(mutation, 'before\ncheck(unit)\nbehind')).toBe('before\n$& /* $1 */\nbehind')
})

test.each([
  ['not at all', 'nothing', mutation, /delivery\/any no longer applies: its text stands 0 times in any\.ts/],
  ['twice', 'check(unit) check(unit)', mutation, /stands 2 times/],
  ['as an empty text', 'x', { ...mutation, find: '' }, /no longer applies/],
  ['as what replaces it', 'check(unit)', { ...mutation, replace: 'check(unit)' }, /changes nothing/],
])('a text that stands there %s is refused by name', (_how, text, changed, message) => {
  expect(() => applyMutation(changed, text)).toThrow(message)
})

test('a fingerprint follows what is changed and where it is noticed, and nothing else', () => {
  const same = fingerprintOf(mutation)
  expect(fingerprintOf({ ...mutation, effect: 'Said otherwise.', traps: ['zombie'] })).toBe(same)
  for (const change of [{ find: 'x' }, { replace: 'x' }, { test: { file: 'any.test.ts', title: 'x' } }])
    expect(fingerprintOf({ ...mutation, ...change })).not.toBe(same)
})

test('a title that is only known when it runs is found by its known parts', () => {
  expect(isTitled('P4 (…): retries keep the order', 'P4 (memory): retries keep the order')).toBe(true)
  expect(isTitled('the key … is refused', 'keys > the key "a.*" is refused')).toBe(true)
  expect(isTitled('retries keep the order', 'P4 (memory): retries keep the order')).toBe(false)
  expect(isTitled('a.c', 'abc')).toBe(false)
})

test('no two mutations make the same change', () => {
  const changes = mutations.map(({ file, find, replace }) => JSON.stringify([file, find, replace]))
  expect(new Set(changes).size).toBe(changes.length)
})
