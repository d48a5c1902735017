// The one class of operational errors. Programs decide by its code alone.

import { type ErrorCode, errorRegistry, type Retry } from './registry.ts'

/** Optional parts of an error. */
export interface TidingsErrorOptions {
  /** Values that belong to the error, safe to show to an operator (no payloads, no secrets). */
  readonly details?: Readonly<Record<string, unknown>>
  /** The error that caused this one. */
  readonly cause?: unknown
  /** A more specific hint. Default: the registry's hint for the code. */
  readonly hint?: string
}

/** An operational error: what happened, with values, and what to do next. */
export class TidingsError extends Error {
  override readonly name = 'TidingsError'
  /** The registry's code, stable across releases. */
  readonly code: ErrorCode
  /** Whether a retry can help. */
  readonly retry: Retry
  /** What to do next, one sentence. */
  readonly hint: string
  /** Values that belong to the error. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: TidingsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retry = errorRegistry[code].retry
    this.hint = options.hint ?? errorRegistry[code].hint
    this.details = options.details ?? {}
  }
}

/** Whether a value is a `TidingsError`, optionally one with the given code. */
export function isTidingsError(value: unknown, code?: ErrorCode): value is TidingsError {
  return value instanceof TidingsError && (code === undefined || value.code === code)
}

/** The retry class of any thrown value. Values other than a `TidingsError` are retried with backoff. */
export function retryOf(error: unknown): Retry {
  return error instanceof TidingsError ? error.retry : 'backoff'
}

/** Throws an `INVARIANT` error unless the condition holds. Its message says what should hold. Use it for bugs, never for bad input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new TidingsError('INVARIANT', `Invariant broken: ${message}`)
}
