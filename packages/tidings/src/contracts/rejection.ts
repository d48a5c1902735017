// A rejection is the domain's "no": a value, not an error. It is answered, recorded under an idempotency key, never retried.

const mark = 'tidings.rejection'

/** The domain's "no" to a command. */
export interface Rejection {
  readonly kind: typeof mark
  /** A word for programs: `already-shipped`. */
  readonly code: string
  /** A sentence for people. */
  readonly message: string
  /** Values that belong to it. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Makes a rejection: return it from `decide` or from a command's handler. */
export function reject(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): Rejection {
  return { kind: mark, code, message, details }
}

/** Tells whether a value is a rejection. */
export function isRejection(value: unknown): value is Rejection {
  return typeof value === 'object' && value !== null && (value as Rejection).kind === mark
}
