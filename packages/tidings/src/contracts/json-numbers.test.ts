// Numbers in JSON texts: what a double holds passes, and what would be rounded in silence is found, wherever it stands.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inexactNumber } from './json-numbers.ts'

describe('inexactNumber', () => {
  test.each([
    '9007199254740991',
    '9007199254740992',
    '9007199254740994',
    '-9007199254740994',
    '1e22',
    '1E+22',
    '10000000000000000000000',
    '0.1000000000000000000000',
    '100.00000000000000000000',
    '1e-300',
    '5e-324',
    '1.7976931348623157e308',
    '-0',
    '0e999',
    '0.00000000000000000000',
    '12345678.1234567',
  ])('%s passes: it is the same decimal after parsing and printing', (number) => {
    expect(inexactNumber(number)).toBeUndefined()
    expect(inexactNumber(`{"a":[${number}, 1],"b":"x"}`)).toBeUndefined()
  })

  test.each([
    '9007199254740993',
    '-9007199254740993',
    '1.000000000000000005',
    '0.1000000000000000055511151231257827',
    '12345678.123456789012',
    '12345678.987654321',
    '9007199254.7409931',
    '3.14159265358979323',
    '123456789012345678901',
    '1e309',
    '-1e400',
    '1e-400',
    '4e-324',
    '1.234567e-320',
    '10000000000000000000000001e3',
  ])('%s is found: a double does not hold it', (number) => {
    expect(inexactNumber(number)).toBe(number)
    expect(inexactNumber(`{"a":[1, ${number} ],"b":"x"}`)).toBe(number)
    expect(inexactNumber(`{"${number}":"${number} \\" ${number}, \\\\","c":${number}}`)).toBe(number)
  })

  test('digits within texts and names are no numbers', () => {
    expect(inexactNumber('{"9007199254740993":"9007199254740993","a":"\\"9007199254740993"}')).toBeUndefined()
  })

  test('every number that JavaScript prints passes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(inexactNumber(JSON.stringify([number]))).toBeUndefined()
      }),
    )
  })

  test('a decimal of any digits passes only if BigInt says that it is the same after parsing and printing', () => {
    const digits = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n })
    fc.assert(
      fc.property(digits, (whole) => {
        const same = BigInt(decimalOf(Number(whole))) === whole
        expect(inexactNumber(`[${whole}]`) === undefined).toBe(same)
      }),
    )
  })

  test('a very long number and a very long text take no longer than their length', () => {
    expect(inexactNumber(`1${'0'.repeat(1_000_000)}1`)).toBeDefined()
    expect(inexactNumber(`0.${'0'.repeat(1_000_000)}1`)).toBeDefined()
    expect(inexactNumber(`["${'1234567890123456'.repeat(100_000)}"]`)).toBeUndefined()
  })
})

/** What JavaScript prints for a whole number, without an exponent. */
function decimalOf(number: number): string {
  const [mantissa = '', exponent = '0'] = String(number).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return whole + fraction + '0'.repeat(Math.max(0, Number(exponent) - fraction.length))
}
