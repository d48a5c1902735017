// An error as it is stored and shown: its code and message, never a payload.

import { describeThrown } from '../../errors/index.ts'

/** An error as stored. */
export interface ErrorSummary {
  readonly code: string
  readonly message: string
  readonly hint: string
  /** Where it was thrown: the stack without the message. */
  readonly stack: string | undefined
}

/** Summarizes whatever was thrown, without payloads and details. */
export function summarizeError(error: unknown): ErrorSummary {
  const { code, message, hint, stack } = describeThrown(error)
  return { code, message: cut(message), hint, stack: stack?.split('\n').slice(1, 9).join('\n') }
}

function cut(text: string): string {
  return text.length > 1_000 ? `${text.slice(0, 999)}…` : text
}
