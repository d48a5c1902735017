// What tests say about values, and how a difference is shown.

export { anything } from './anything.ts'
export { ExpectationFailed, expectSame } from './expect-same.ts'
export { type Matcher, showValue } from './show-value.ts'
