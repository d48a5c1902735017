// Operational errors: one registry, one class.

export { type ErrorCode, errorRegistry, type Retry } from './registry.ts'
export { invariant, isTidingsError, retryOf, TidingsError, type TidingsErrorOptions } from './tidings-error.ts'
