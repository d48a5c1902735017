// Payloads: a value that `toJson` accepts parses back to the same value; any other value is refused with a code.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTidingsError } from '../errors/index.ts'
import { byteLength, defaultPayloadLimits, toJson } from './json.ts'

const codeOf = (value: unknown, limits = defaultPayloadLimits): string | undefined => {
  try {
    toJson('The payload', value, limits)
    return undefined
  } catch (error) {
    return isTidingsError(error) ? error.code : `not a TidingsError: ${String(error)}`
  }
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0)
const memberName = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__' && name.isWellFormed())
const { tree: jsonValue } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    finite,
    fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(memberName, tie('tree'), { maxKeys: 4 }),
  ),
}))

function nested(depth: number, leaf: unknown = 1): unknown {
  let value = leaf
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { in: value }
  return value
}

describe('toJson', () => {
  test('an accepted value parses back to the same value', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(JSON.parse(toJson('It', value, defaultPayloadLimits))).toEqual(value)
      }),
    )
  })

  test('any value from JSON.parse is accepted unchanged, or refused with a code', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text)
        const code = codeOf(value)
        if (code === undefined) expect(toJson('It', value, defaultPayloadLimits)).toBe(JSON.stringify(value))
        else expect(code).toMatch(/^PAYLOAD_/)
      }),
    )
  })

  test('any value is accepted, or refused with a code, and never throws another error', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: true,
      withUnicodeString: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        const code = codeOf(value)
        if (code !== undefined) expect(code).toMatch(/^PAYLOAD_/)
      }),
    )
  })

  test.each([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a bigint', 1n],
    ['a symbol', Symbol('x')],
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a boxed number', Object(1)],
    ['an error', new TypeError('x')],
    ['a class instance', new (class Point {})()],
    ['a lone high surrogate', 'a\ud800'],
    ['a lone low surrogate', '\udc00b'],
    ['a member named __proto__', JSON.parse('{"__proto__":{"admin":true}}')],
    ['a name with a lone surrogate', { '\ud800': 1 }],
    ['a hole', new Array(1)],
    ['a member that is a function', { toJSON: () => 'other' }],
    ['an array with a toJSON of its own', Object.assign([1], { toJSON: () => 'other' })],
    ['an instance of a subclass of Array', new (class Numbers extends Array<number> {})()],
  ])('%s is refused, also when nested', (_, value) => {
    expect(codeOf(value)).toBe('PAYLOAD_NOT_JSON')
    expect(codeOf([{ in: [value] }])).toBe('PAYLOAD_NOT_JSON')
  })

  test.each([2 ** 53, 2 ** 53 + 2, -(2 ** 60), 1e22, 5e-324, Number.MAX_VALUE])(
    'the number %s is accepted, as any finite number of a program',
    (number) => {
      expect(JSON.parse(toJson('It', { number }, defaultPayloadLimits))).toEqual({ number })
    },
  )

  test('a refusal names the path', () => {
    expect(() => toJson('The payload', { lines: [{ cents: Number.NaN }] }, defaultPayloadLimits)).toThrow(
      '/lines/0/cents',
    )
  })

  test('a member set to undefined is left out', () => {
    expect(toJson('It', { a: undefined, b: 1 }, defaultPayloadLimits)).toBe('{"b":1}')
  })

  test('NUL, separators and all other well-formed text are carried unchanged', () => {
    const text = '\0\u0001\u2028\u2029\ufeff\u{1f600}</script>'
    expect(JSON.parse(toJson('It', { text }, defaultPayloadLimits))).toEqual({ text })
  })

  test('names of members that every object has are valid names', () => {
    const value = JSON.parse('{"constructor":1,"toString":2,"hasOwnProperty":3,"valueOf":4}')
    expect(JSON.parse(toJson('It', value, defaultPayloadLimits))).toEqual(value)
  })

  test('a negative zero is written as zero: JSON readers do not agree on it', () => {
    expect(toJson('It', [-0], defaultPayloadLimits)).toBe('[0]')
  })

  test('nesting up to the limit passes; one level more, a million levels and a circle are refused', () => {
    expect(codeOf(nested(64))).toBeUndefined()
    expect(codeOf(nested(65))).toBe('PAYLOAD_TOO_DEEP')
    expect(codeOf(nested(1_000_000))).toBe('PAYLOAD_TOO_DEEP')
    expect(codeOf(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toBe('PAYLOAD_TOO_DEEP')
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(codeOf(circle)).toBe('PAYLOAD_TOO_DEEP')
  })

  test('a text with as many bytes as the limit passes, one byte more is refused, in every alphabet', () => {
    for (const character of ['a', 'ä', '漢', '😀']) {
      const text = character.repeat(100)
      const bytes = new TextEncoder().encode(JSON.stringify(text)).length
      const limits = (payloadBytesMax: number) => ({ payloadBytesMax, payloadDepthMax: 64 })
      expect(codeOf(text, limits(bytes))).toBeUndefined()
      expect(codeOf(text, limits(bytes - 1))).toBe('PAYLOAD_TOO_LARGE')
    }
  })
})

test('byteLength is the length in UTF-8', () => {
  const wellFormed = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())
  fc.assert(fc.property(wellFormed, (text) => byteLength(text) === new TextEncoder().encode(text).length))
})
