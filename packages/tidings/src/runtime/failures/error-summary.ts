// An error as it is stored and shown: its code and message, never a payload.

import { TidingsError } from '../../errors/index.ts'

/** An error as stored. */
export interface ErrorSummary {
  readonly code: string
  readonly message: string
  readonly hint: string
  /** Where it was thrown: the stack without the message. */
  readonly stack: string | undefined
}

/** Summarizes an error, without payloads and details. */
export function summarizeError(error: unknown): ErrorSummary {
  if (error instanceof TidingsError) {
    return { code: error.code, message: cut(error.message), hint: error.hint, stack: stackOf(error.cause ?? error) }
  }
  const message =
    error instanceof Error
      ? `${error.name}: ${error.message}`
      : `A handler threw ${typeof error === 'string' ? error : typeof error}.`
  return {
    code: 'HANDLER_FAILED',
    message: cut(message),
    hint: 'Read the error, fix the handler, deploy, and redrive.',
    stack: stackOf(error),
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error && error.stack !== undefined
    ? error.stack.split('\n').slice(1, 9).join('\n')
    : undefined
}

function cut(text: string): string {
  return text.length > 1_000 ? `${text.slice(0, 999)}…` : text
}
