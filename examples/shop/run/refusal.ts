// Which of a door's answers speak against the command itself: it is passed over and reported, and the others go on.
import type { ErrorCode } from 'tidings'

const refusals: readonly ErrorCode[] = [
  'INVALID_PAYLOAD',
  'PAYLOAD_NOT_JSON',
  'PAYLOAD_TOO_LARGE',
  'PAYLOAD_TOO_DEEP',
  'INVALID_KEY',
  'IDEMPOTENCY_KEY_REUSED',
]

/** Whether an error's code speaks against what was sent, and not against the service or the way to it. */
export function isRefusal(code: ErrorCode): boolean {
  return refusals.includes(code)
}
