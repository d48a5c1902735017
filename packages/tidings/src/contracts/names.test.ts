// One grammar for names: valid names are safe wherever a driver uses them, and hostile names are refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTidingsError } from '../errors/index.ts'
import { checkKey, checkName, checkSimpleName, keyLengthMax, nameLengthMax } from './names.ts'

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/)
const tail = fc.stringMatching(/^[a-z0-9]{1,9}$/)
const simpleName = fc.tuple(word, fc.array(tail, { maxLength: 3 })).map(([first, rest]) => [first, ...rest].join('-'))
const dottedName = fc.array(simpleName, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('.'))

const accepts = (check: () => string): boolean => {
  try {
    check()
    return true
  } catch (error) {
    expect(isTidingsError(error)).toBe(true)
    return false
  }
}

const hostileNames = [
  ...['', ' ', 'a ', ' a', 'A', 'aB', '1a', '-a', 'a-', 'a--b', 'a_b', '.', '..', 'a.', '.a', 'a..b', 'a.-b', 'a-.b'],
  ...['*', '>', 'a.*', 'a.>', '$SYS', 'a\r\nPUB b 1', 'a\n', 'a\0', 'a\tb', '../etc', 'a/b', 'a\\b', 'c:', '%61'],
  ...["a'; DROP TABLE x; --", 'a"b', 'a`b', 'a;b', 'a[b]', '<script>', 'a@2', '~facts', 'a~b', 'a$b', 'a#b', 'a?b'],
  ...['аlpha', 'ａ', 'é', 'ß', 'ı', 'a\u200b', 'a\u202eb', 'a\u0301', 'K', '\ud800', 'a\ufeff'],
  ...['__proto__', 'hasOwnProperty', 'toString', 'a'.repeat(nameLengthMax + 1), `${'a-'.repeat(60)}a`],
]

describe('names', () => {
  test('every valid name is accepted and returned unchanged', () => {
    fc.assert(fc.property(dottedName, (name) => checkName('event', name) === name))
    fc.assert(fc.property(simpleName, (name) => checkSimpleName('table', name) === name))
  })

  test.each(hostileNames)('%j is refused', (name) => {
    expect(accepts(() => checkName('event', name))).toBe(false)
    expect(accepts(() => checkSimpleName('event', name))).toBe(false)
  })

  test('a name that is not a string is refused', () => {
    for (const name of [undefined, null, 1, {}, [], ['a'], { toString: () => 'a' }]) {
      expect(accepts(() => checkName('event', name as never))).toBe(false)
    }
  })

  test('a name with a dot is not a simple name', () => {
    fc.assert(fc.property(simpleName, simpleName, (a, b) => !accepts(() => checkSimpleName('table', `${a}.${b}`))))
  })

  test('a valid name is one token of lower-case ASCII: no subject wildcard, no path, no quote, no case, no blank [trap: names]', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'ab1-._*>/\\ \n') }))
    fc.assert(
      fc.property(anything, (name) => {
        if (!accepts(() => checkName('event', name))) return
        expect(name).toMatch(/^[a-z0-9.-]+$/)
        expect(name).not.toMatch(/\.\.|--|^[.-]|[.-]$|\.-|-\./)
        expect(encodeURIComponent(name)).toBe(name)
        expect(name.length).toBeLessThanOrEqual(nameLengthMax)
      }),
    )
  })

  test('a hostile name is refused fast, however long', () => {
    for (const name of [`${'a-'.repeat(500_000)}!`, 'a'.repeat(1_000_000), 'a.'.repeat(500_000)]) {
      expect(accepts(() => checkName('event', name))).toBe(false)
    }
  })

  test('an error shows a refused name escaped and shortened', () => {
    try {
      checkName('event', `a\r\n${'b'.repeat(10_000)}`)
      expect.unreachable()
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(300)
      expect((error as Error).message).not.toContain('\n')
    }
  })
})

describe('keys', () => {
  test('every well-formed text without control characters is a valid key, up to the longest', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .map((key) => key.replaceAll(/[\p{Cc}]/gu, 'x').slice(0, keyLengthMax))
      .filter((key) => key.isWellFormed())
    fc.assert(fc.property(text, (key) => checkKey('a row', key) === key))
    expect(checkKey('a row', 'k'.repeat(keyLengthMax))).toHaveLength(keyLengthMax)
  })

  test.each([
    '',
    '\0',
    'a\0b',
    'a\nb',
    'a\r',
    '\u001b[31m',
    '\u007f',
    '\ud800',
    'a\udc00',
    'k'.repeat(keyLengthMax + 1),
  ])('%j is refused', (key) => {
    expect(accepts(() => checkKey('a row', key))).toBe(false)
  })

  test('a key that is not a string is refused', () => {
    for (const key of [undefined, null, 7, {}, ['a'], Symbol('a')])
      expect(accepts(() => checkKey('a row', key))).toBe(false)
  })

  test('names of members that every object has are valid keys', () => {
    for (const key of ['__proto__', 'constructor', 'toString']) expect(checkKey('a row', key)).toBe(key)
  })
})
