// A rejection: the service says no to a command. It is a value, not an error: it is the command's answer, it is recorded under the
// idempotency key, and it is never retried. A command may return it or throw it; both mean the same.

import { checkIsText, checkObject, rejectionKind } from '../errors/index.ts'
import { checkName } from './names.ts'

/** The most characters of the message of a rejection. */
export const rejectionMessageMax = 1_000

/** A rejection of a command. */
export interface Rejection {
  readonly kind: typeof rejectionKind
  /** A code for programs: `already-shipped`. */
  readonly code: string
  /** A sentence for people. */
  readonly message: string
  /** Further values for programs. */
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * Creates a rejection; return or throw it in `decide` or in a command's handler, or in any function that these call.
 *
 * @param code - for programs, in the grammar of names: `already-shipped`. Anything else throws `INVALID_NAME`.
 * @param message - for people. It is cut after 1,000 characters, because it may repeat what a caller sent; if it is empty, it is the code.
 */
export function reject(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): Rejection {
  checkName('rejection code', code)
  const hint = `Write \`reject('${code}', 'A sentence for people.', { … })\`.`
  checkIsText(message, { what: `The message of rejection ${code}`, hint })
  checkObject(details, { what: `The details of rejection ${code}`, hint })
  return { kind: rejectionKind, code, message: bounded(message) || code, details }
}

// Cut between characters: half of a surrogate pair is no text.
function bounded(message: string): string {
  return message.length <= rejectionMessageMax
    ? message
    : `${message.slice(0, rejectionMessageMax - 1).toWellFormed()}…`
}

/** A rejection that was thrown; throws anything else again. A function rejects by throwing as it does by returning. */
export function rejectionOrThrow(thrown: unknown): Rejection {
  if (isRejection(thrown)) return thrown
  throw thrown
}

/** Whether a value is a rejection. It never throws, whatever the value is. */
export function isRejection(value: unknown): value is Rejection {
  if (typeof value !== 'object' || value === null) return false
  try {
    return (value as Rejection).kind === rejectionKind
  } catch {
    return false
  }
}
