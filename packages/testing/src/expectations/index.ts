// Comparing values in tests, and showing their difference.

export { anything } from './anything.ts'
export { ExpectationFailed, expectSame } from './expect-same.ts'
export { type Matcher, showValue } from './show-value.ts'
