// The result of sending a step. If the command itself is refused, that is a result, not a failure: it is reported, and sending goes on.
import { type ErrorCode, isTidingsError, type Rejection } from 'tidings'

/** The result of sending a step. */
export type SendResult =
  | { readonly accepted: true; readonly replayed: boolean }
  /** The service rejected the command or its input: sending it again would not help. */
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

/** Turns an answer into a result. Throws errors of the service or of the connection to it. */
export async function resultOf(answered: Promise<Answer>): Promise<SendResult> {
  try {
    const answer = await answered
    if (answer.accepted) return { accepted: true, replayed: answer.replayed }
    return { accepted: false, reason: answer.rejection.message }
  } catch (error) {
    if (isTidingsError(error) && refusals.includes(error.code)) return { accepted: false, reason: error.message }
    throw error
  }
}
