// The comparison behind every expectation of the test kit. It needs no test framework: it throws an error that every framework can show.

import { showDifference } from './show-difference.ts'
import { isMatcher, showValue } from './show-value.ts'

/** An expectation that failed; `message` shows the difference. */
export class ExpectationFailed extends Error {
  override readonly name = 'ExpectationFailed'
  /** What the test expects. */
  readonly expected: unknown
  /** What was found. */
  readonly found: unknown

  constructor(
    message: string,
    details: { readonly expected?: unknown; readonly found?: unknown; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.expected = details.expected
    this.found = details.found
  }
}

/**
 * Throws `ExpectationFailed` unless the two values are equal. Members set to undefined are left out; `anything` and a framework's matchers
 * accept what they match.
 *
 * @param sentence - the first line of the message: what is wrong.
 */
export function expectSame(sentence: string, expected: unknown, found: unknown): void {
  const wanted = showValue(resolveMatchers(expected, found))
  const got = showValue(found)
  if (wanted === got) return
  throw new ExpectationFailed(`${sentence}\n\n${showDifference(wanted, got)}`, { expected, found })
}

// If a matcher accepts the found value, it is replaced by that value, so that both texts are the same there.
function resolveMatchers(expected: unknown, found: unknown): unknown {
  if (isMatcher(expected)) return expected.asymmetricMatch(found) ? found : expected
  if (Array.isArray(expected)) {
    const items: readonly unknown[] = Array.isArray(found) ? found : []
    return expected.map((item, index) => resolveMatchers(item, items[index]))
  }
  if (typeof expected !== 'object' || expected === null) return expected
  if (Object.getPrototypeOf(expected) !== Object.prototype) return expected
  const members = (typeof found === 'object' && found !== null ? found : {}) as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(expected).map(([name, member]) => [
      name,
      resolveMatchers(member, Object.hasOwn(members, name) ? members[name] : undefined),
    ]),
  )
}
