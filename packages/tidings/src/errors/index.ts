// Operational errors: one registry, one class, and one place that describes whatever was thrown.

export {
  checkFunction,
  checkIsText,
  checkKind,
  checkList,
  checkObject,
  importHint,
  type Says,
  shownValue,
  unusable,
} from './given-value.ts'
export { type ErrorCode, errorRegistry, type Retry } from './registry.ts'
export { shellWord } from './shell-word.ts'
export { describeThrown, isInstance, messageOfThrown, rejectionKind, retryOf, type Thrown } from './thrown.ts'
export { invariant, isTidingsError, TidingsError, type TidingsErrorOptions } from './tidings-error.ts'
