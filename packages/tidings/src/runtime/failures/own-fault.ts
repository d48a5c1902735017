// A service's own bugs are not the caller's: a function that publishes, writes or returns what breaks its own schema has failed.
// Invariant: after the input was accepted, no error says that what was sent is wrong.

import { describeThrown, type ErrorCode, isTidingsError, TidingsError } from '../../errors/index.ts'

/** Codes that blame what was sent. Thrown by the function that handles it, they are about what the function itself has made. */
const blamesTheCaller: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INVALID_PAYLOAD',
  'PAYLOAD_NOT_JSON',
  'PAYLOAD_TOO_LARGE',
  'PAYLOAD_TOO_DEEP',
  'INVALID_ENVELOPE',
  'INVALID_KEY',
  'INVALID_TOKEN',
  'IDEMPOTENCY_KEY_REUSED',
  'UNKNOWN_SERVICE',
  'UNKNOWN_COMMAND',
  'UNKNOWN_QUERY',
  'UNKNOWN_LIVE_QUERY',
  'UNKNOWN_READ_MODEL',
  'UNKNOWN_SUBSCRIBER',
  'UNKNOWN_PROCESS',
  'UNKNOWN_EVENT',
])

/**
 * The error of a function that has thrown: `HANDLER_FAILED`, with the reason, if the error would blame the caller; otherwise the error itself.
 *
 * @param by - the function, at the beginning of a sentence: `Command place-order`.
 */
export function faultOf(by: string, thrown: unknown): unknown {
  if (!isTidingsError(thrown) || !blamesTheCaller.has(thrown.code)) return thrown
  return new TidingsError('HANDLER_FAILED', `${by} failed: ${describeThrown(thrown).message}`, {
    cause: thrown,
    hint: 'This is a bug of the service: correct the function, or the schema that its result breaks, and deploy.',
  })
}
