// A rejection: the service says no to a command. It is a value, not an error: it is the command's answer, it is recorded under the
// idempotency key, and it is never retried.

const mark = 'tidings.rejection'

/** A rejection of a command. */
export interface Rejection {
  readonly kind: typeof mark
  /** A code for programs: `already-shipped`. */
  readonly code: string
  /** A sentence for people. */
  readonly message: string
  /** Further values for programs. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Creates a rejection; return it from `decide` or from a command's handler. */
export function reject(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): Rejection {
  return { kind: mark, code, message, details }
}

/** Whether a value is a rejection. */
export function isRejection(value: unknown): value is Rejection {
  return typeof value === 'object' && value !== null && (value as Rejection).kind === mark
}
