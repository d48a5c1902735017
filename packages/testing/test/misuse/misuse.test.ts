// Each function that declares something is called with junk in each of its places, as plain JavaScript calls it by mistake. What it cannot use
// it refuses with an error of the framework that names the thing and the value, never with a bare TypeError from inside.
import { isTidingsError } from 'tidings'
import { describe, expect, test } from 'vitest'
import { callsOfContracts } from './calls-of-contracts.ts'
import { callsOfServices } from './calls-of-services.ts'
import { type Call, junk, plain, run, schema } from './plain.ts'

const codes = ['INVALID_CONTRACT', 'INVALID_NAME', 'INVALID_PAYLOAD', 'NOT_DECLARED', 'NOT_OWNED', 'DUPLICATE_NAME']

const thrownBy = (call: () => unknown): unknown => {
  try {
    call()
    return undefined
  } catch (thrown) {
    return thrown
  }
}

const refusedBadly = ([, call]: Call): readonly string[] =>
  Object.entries(junk).flatMap(([name, given]) => {
    const thrown = thrownBy(() => call(given))
    if (thrown === undefined) return []
    const good = isTidingsError(thrown) && codes.includes(thrown.code) && thrown.message.length > 20
    return good ? [] : [`${name}: ${thrown}`]
  })

describe.each([
  ['contracts', callsOfContracts],
  ['services', callsOfServices],
])('junk in a function that declares %s', (_, calls) => {
  test.each(calls.map((call) => [call[0], call] as const))('is refused with a sentence: %s', (_name, call) => {
    expect(refusedBadly(call)).toEqual([])
    // No place takes everything.
    const accepted = Object.values(junk).filter((given) => thrownBy(() => call[1](given)) === undefined)
    expect(accepted.length).toBeLessThan(Object.keys(junk).length / 2)
  })
})

const { defineEvent, defineService } = plain

describe('what is refused is named, with what to write', () => {
  const refusal = (call: () => unknown) => {
    const thrown = thrownBy(call)
    return isTidingsError(thrown) ? `${thrown.message} ${thrown.hint}` : String(thrown)
  }

  test('an event without options', () => {
    expect(refusal(() => defineEvent('shop.order-placed'))).toBe(
      "The second argument of event shop.order-placed must be an object, but it is undefined. Write `defineEvent('shop.order-placed', { owner: 'shop', pattern: 'notification' })`.",
    )
  })

  test('a contract of a circle of imports', () => {
    expect(refusal(() => defineService('shop', { publishes: [undefined] }))).toMatch(
      /^Number 1 of `publishes` of service shop must be an event, but it is undefined\. .* two modules import each other: move what both need into a third module\.$/,
    )
  })

  test('a part of a service that is a promise, as of an import that nothing awaited', () => {
    expect(refusal(() => defineService('shop').with({ place: import('./plain.ts') }))).toMatch(
      /^"place" in `with` of service shop must be a function that the service declares, but it is a promise\. .* `await` the promise first\.$/,
    )
  })

  test('a part of a service that is a whole module', async () => {
    const module = await import('./plain.ts')
    expect(refusal(() => defineService('shop').with({ place: module }))).toContain(
      'Take what you need out of the module',
    )
  })

  test('an event that is not finished', () => {
    const draft = defineEvent('shop.order-placed', { owner: 'shop', pattern: 'notification' }).version(1, schema)
    expect(refusal(() => defineService('shop').on(draft, run))).toContain(
      'must be an event, but it is shop.order-placed, an event without a key: finish it with .key((data) => …)',
    )
  })

  test('a skipped version, and one that is there twice', () => {
    const draft = defineEvent('shop.order-placed', { owner: 'shop', pattern: 'notification' }).version(1, schema)
    expect(refusal(() => draft.version(3, schema, run))).toContain(
      'Event shop.order-placed has version 3 after version 1; the next version must be 2.',
    )
    expect(refusal(() => draft.version(2, schema, run).version(2, schema, run))).toContain('the next version must be 3')
  })
})
