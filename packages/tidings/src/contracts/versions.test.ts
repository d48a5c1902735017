// Chains of versions: data stored under any version are read as the newest version, wait, or are refused; never corrupted.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isTidingsError } from '../errors/index.ts'
import {
  downcastsOf,
  extendChain,
  readVersion,
  startChain,
  type VersionChain,
  type VersionOptions,
} from './versions.ts'

/** Version n has `n` and the trail of the upcasters that converted it. */
const versionSchema = (version: number) => z.object({ n: z.literal(version), trail: z.array(z.number()) })

interface Data {
  readonly n: number
  readonly trail: readonly number[]
}

function chainOf(
  length: number,
  options: (version: number) => VersionOptions<never, unknown> = () => ({}),
): VersionChain {
  let chain = startChain('Event shop.counted', 1, versionSchema(1))
  for (let version = 2; version <= length; version++) {
    const upcast = ({ trail }: Data) => ({ n: version, trail: [...trail, version] })
    chain = extendChain(chain, version, versionSchema(version), upcast, options(version))
  }
  return chain
}

const stored = (version: number) => ({ version, readableFrom: version, data: { n: version, trail: [] } })

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return isTidingsError(error) ? error.code : `not a TidingsError: ${String(error)}`
  }
}

const lengths = fc.integer({ min: 1, max: 12 })

describe('readVersion', () => {
  test('data of any version are read as the newest version, through every upcaster on the way, each once and in order', () => {
    fc.assert(
      fc.property(lengths, lengths, (length, from) => {
        if (from > length) return
        const steps = Array.from({ length: length - from }, (_, index) => from + index + 1)
        expect(readVersion(chainOf(length), stored(from))).toEqual({ n: length, trail: steps })
      }),
    )
  })

  test('data of the newest version are read unchanged', () => {
    const data = { n: 3, trail: [], more: 'kept' }
    expect(readVersion(chainOf(3), { version: 3, readableFrom: 3, data })).toBe(data)
  })

  test('each upcaster gets what the schema of the version before returns: its defaults and its transforms [trap: upcaster]', () => {
    const runs: number[] = []
    const counted = (version: number) =>
      z.string().transform((text) => {
        runs.push(version)
        return `${text}, parsed as ${version}`
      })
    const first = startChain('It', 1, z.object({ total: z.number(), note: counted(1) }))
    const second = z.object({ total: z.number(), currency: z.string().default('EUR'), note: counted(2) })
    const chain = extendChain(
      extendChain(first, 2, second, (v1: object) => v1),
      3,
      z.object({ price: z.string(), note: z.string() }),
      ({ total, currency, note }: z.output<typeof second>) => ({ price: `${total} ${currency}`, note }),
    )
    const data = { total: 5, note: 'stored' }
    expect(readVersion(chain, { version: 1, readableFrom: 1, data })).toEqual({
      price: '5 EUR',
      note: 'stored, parsed as 2',
    })
    expect(runs, 'what was stored is not parsed again by its own version').toEqual([2])
  })

  test('what a middle version refuses is UPCAST_FAILED with that step', () => {
    const chain = extendChain(
      extendChain(chainOf(1), 2, versionSchema(2), () => ({ n: 'two' })),
      3,
      versionSchema(3),
      () => ({ n: 3, trail: [] }),
    )
    expect(() => readVersion(chain, stored(1))).toThrow(
      expect.objectContaining({ code: 'UPCAST_FAILED', details: { from: 1, to: 2 } }),
    )
  })

  test('an upcaster does not change the stored data', () => {
    const data = Object.freeze({ n: 1, trail: Object.freeze([]) })
    expect(readVersion(chainOf(4), { version: 1, readableFrom: 1, data })).toEqual({ n: 4, trail: [2, 3, 4] })
  })

  test('an upcaster that throws, or whose result is not valid, is UPCAST_FAILED with the step and the cause [trap: upcaster]', () => {
    const boom = new RangeError('no')
    const throws = extendChain(chainOf(2), 3, versionSchema(3), () => {
      throw boom
    })
    expect(codeOf(() => readVersion(throws, stored(1)))).toBe('UPCAST_FAILED')
    try {
      readVersion(throws, stored(1))
    } catch (error) {
      expect(isTidingsError(error) && error.details).toEqual({ from: 1, to: 3 })
      expect((error as Error).cause).toBe(boom)
    }
    for (const result of [undefined, null, {}, { n: 3 }, { n: '3', trail: [] }, Promise.resolve({ n: 3, trail: [] })]) {
      const lacking = extendChain(chainOf(2), 3, versionSchema(3), () => result)
      expect(codeOf(() => readVersion(lacking, stored(2)))).toBe('UPCAST_FAILED')
    }
  })

  test('newer data wait with VERSION_FROM_FUTURE, unless they are readable or carry an older rendering', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 24 }), (known, ahead, from) => {
        const chain = chainOf(known)
        const version = known + ahead
        const readableFrom = Math.min(from, version)
        const data = { n: known, trail: [], added: true }
        const read = (downcasts?: Record<string, unknown>) =>
          readVersion(chain, { version, readableFrom, data, downcasts })
        if (readableFrom <= known) expect(read()).toMatchObject({ n: known })
        else {
          expect(codeOf(() => read())).toBe('VERSION_FROM_FUTURE')
          expect(codeOf(() => read({ [String(known + 1)]: data }))).toBe('VERSION_FROM_FUTURE')
          expect(read({ [String(known)]: { n: known, trail: [7] } })).toEqual({ n: known, trail: [7] })
        }
      }),
    )
  })

  test('newer data that claim to be readable but are not are refused, not corrupted', () => {
    const claim = { version: 9, readableFrom: 1, data: { n: 'nine' } }
    expect(codeOf(() => readVersion(chainOf(2), claim))).toBe('INVALID_PAYLOAD')
    const downcasts = { '2': { n: 'two' } }
    expect(codeOf(() => readVersion(chainOf(2), { ...claim, readableFrom: 9, downcasts }))).toBe('INVALID_PAYLOAD')
  })

  test('newer compatible data are read as they are: nothing is parsed again, added members pass, missing ones are named', () => {
    let runs = 0
    const euros = z.number().transform((amount) => {
      runs++
      return amount * 100
    })
    const text = z.string().transform((digits) => digits.length)
    const chain = startChain('It', 1, z.object({ id: z.string(), cents: euros, length: text.pipe(z.number()) }))
    const newer = (data: unknown) => ({ version: 2, readableFrom: 1, data })
    const data = { id: 'a', cents: 500, length: 3, added: ['later'] }
    expect(readVersion(chain, newer(data))).toBe(data)
    expect(readVersion(chain, { ...newer({}), readableFrom: 2, downcasts: { '1': data } })).toBe(data)
    expect(runs).toBe(0)
    expect(() => readVersion(chain, newer({ id: 'a', length: 3 }))).toThrow('/cents is missing')
    expect(() => readVersion(chain, newer({ ...data, length: 'abc' }))).toThrow('/length must be of type number')
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'a version of %s is refused, never guessed',
    (version) => {
      const chain = extendChain(startChain('It', 1, z.any()), 2, z.any(), () => ({ guessed: true }))
      const code = codeOf(() => readVersion(chain, { version, readableFrom: version, data: {} }))
      expect(['CORRUPT_DATA', 'VERSION_FROM_FUTURE']).toContain(code)
    },
  )
})

describe('chains', () => {
  test('versions are 1, 2, 3, …; a gap, a repetition or a missing upcaster is INVALID_CONTRACT', () => {
    const schema = z.object({})
    expect(codeOf(() => startChain('It', 2, schema))).toBe('INVALID_CONTRACT')
    expect(codeOf(() => startChain('It', 1, {} as never))).toBe('INVALID_CONTRACT')
    for (const version of [0, 1, 3, 4, 2.5]) {
      expect(codeOf(() => extendChain(chainOf(1), version, schema, () => ({})))).toBe('INVALID_CONTRACT')
    }
    expect(codeOf(() => extendChain(chainOf(1), 2, schema, undefined as never))).toBe('INVALID_CONTRACT')
    expect(codeOf(() => extendChain(chainOf(1), 2, null as never, () => ({})))).toBe('INVALID_CONTRACT')
  })

  test('extending a chain does not change the shorter one', () => {
    const short = chainOf(2)
    extendChain(short, 3, versionSchema(3), () => ({}))
    expect(short.latest.version).toBe(2)
    expect(short.versions).toHaveLength(2)
  })

  test('readableFrom is the oldest version since which all versions are compatible', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 8 }), (compatible) => {
        const chain = chainOf(compatible.length + 1, (version) => ({ compatible: compatible[version - 2] === true }))
        for (const { version, readableFrom } of chain.versions) {
          let oldest = version
          while (oldest > 1 && compatible[oldest - 2] === true) oldest--
          expect(readableFrom).toBe(oldest)
        }
      }),
    )
  })

  test('older code can read what downcastsOf returns, for every version with a downcast', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 12 }), (length, oldest) => {
        const downcast = (version: number) => ({
          downcast: ({ trail }: Data) => ({ n: version - 1, trail: [...trail, -version] }),
        })
        const chain = chainOf(length, (version) => (version > oldest ? (downcast(version) as never) : {}))
        const data = { n: length, trail: [] }
        const downcasts = downcastsOf(chain, data)
        expect(Object.keys(downcasts ?? {}).map(Number)).toEqual(
          Array.from({ length: Math.max(0, length - oldest) }, (_, index) => oldest + index),
        )
        for (let known = oldest; known < length; known++) {
          const read = readVersion(chainOf(known), { version: length, readableFrom: length, data, downcasts })
          expect(read).toMatchObject({ n: known })
        }
      }),
    )
  })

  test('older code reads new data if each version on the way down has a downcast or is compatible', () => {
    type Step = 'nothing' | 'compatible' | 'downcast'
    const steps = fc.array(fc.constantFrom<Step>('nothing', 'compatible', 'downcast'), { maxLength: 6 })
    const schema = z.looseObject({ downTo: z.number() })
    const chainTo = (length: number, ways: readonly Step[]) => {
      let chain = startChain('It', 1, schema)
      for (let version = 2; version <= length; version++) {
        const way = ways[version - 2]
        const downcast = (data: object) => ({ ...data, downTo: version - 1 })
        const options = way === 'downcast' ? { downcast } : { compatible: way === 'compatible' }
        chain = extendChain(chain, version, schema, (older) => older, options as never)
      }
      return chain
    }
    fc.assert(
      fc.property(steps, (ways) => {
        const length = ways.length + 1
        const newest = chainTo(length, ways)
        const data = { downTo: length }
        const { readableFrom } = newest.latest
        const event = { version: length, readableFrom, data, downcasts: downcastsOf(newest, data) }
        for (let known = 1; known < length; known++) {
          const passed = ways.slice(known - 1)
          const read = () => readVersion(chainTo(known, ways), event)
          if (passed.includes('nothing')) expect(codeOf(read)).toBe('VERSION_FROM_FUTURE')
          // The last downcast on the way down decides what is read.
          else if (passed.includes('downcast')) expect(read()).toEqual({ downTo: known + passed.indexOf('downcast') })
          else expect(read()).toEqual(data)
        }
      }),
    )
  })

  test('what an upcaster or a downcast threw is said, and which member of its result is wrong', () => {
    const schema = z.object({ total: z.number() })
    const chainWith = (upcast: () => unknown, downcast?: () => unknown) =>
      extendChain(startChain('It', 1, schema), 2, schema, upcast, downcast === undefined ? {} : ({ downcast } as never))
    const reading = (upcast: () => unknown) => () => readVersion(chainWith(upcast), stored(1))
    const fails = () => {
      throw new RangeError('no rate for CHF')
    }
    expect(reading(fails)).toThrow('The upcaster of It to version 2 threw: RangeError: no rate for CHF')
    expect(reading(() => ({ total: '5' }))).toThrow(/stored under version 1\. .*\/total/)
    expect(() => downcastsOf(chainWith(fails, fails), { total: 5 })).toThrow('no rate for CHF')
    expect(() =>
      downcastsOf(
        chainWith(fails, () => ({ total: '5' })),
        { total: 5 },
      ),
    ).toThrow('/total')
  })

  test('a downcast that throws, or makes what older code cannot read, is refused where it is published', () => {
    const older = startChain('It', 1, z.object({ id: z.string(), cents: z.number().transform((euros) => euros * 100) }))
    const schema = z.object({ id: z.string(), amount: z.number() })
    const chainWith = (downcast: (data: never) => unknown) =>
      extendChain(older, 2, schema, () => ({}), { downcast: downcast as never })
    const data = { id: 'a', amount: 5 }
    expect(
      downcastsOf(
        chainWith(({ id, amount }: typeof data) => ({ id, cents: amount * 100 })),
        data,
      ),
    ).toEqual({
      '1': { id: 'a', cents: 500 },
    })
    const throwing = () => {
      throw new Error('no')
    }
    for (const wrong of [throwing, () => undefined, () => ({ id: 'a' }), () => ({ id: 7, cents: 5 })])
      expect(codeOf(() => downcastsOf(chainWith(wrong), data))).toBe('DOWNCAST_FAILED')
  })
})
