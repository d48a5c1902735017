// What a step came to. An answer that speaks against the command itself is no failure: it is told, and the others go on.
import { type ErrorCode, isTidingsError, type Rejection } from 'tidings'

/** What a step came to. */
export type Sent =
  | { readonly accepted: true; readonly replayed: boolean }
  /** The service said no, or could not read it: nothing that another try would mend. */
  | { readonly accepted: false; readonly reason: string }

type Answer =
  | { readonly accepted: true; readonly replayed: boolean }
  | { readonly accepted: false; readonly rejection: Rejection }

const refusals: readonly ErrorCode[] = [
  'INVALID_PAYLOAD',
  'PAYLOAD_NOT_JSON',
  'PAYLOAD_TOO_LARGE',
  'PAYLOAD_TOO_DEEP',
  'INVALID_KEY',
  'IDEMPOTENCY_KEY_REUSED',
]

/** What an answer comes to; throws what speaks against the service or the way to it. */
export async function sentOf(answered: Promise<Answer>): Promise<Sent> {
  try {
    const answer = await answered
    if (answer.accepted) return { accepted: true, replayed: answer.replayed }
    return { accepted: false, reason: answer.rejection.message }
  } catch (error) {
    if (isTidingsError(error) && refusals.includes(error.code)) return { accepted: false, reason: error.message }
    throw error
  }
}
