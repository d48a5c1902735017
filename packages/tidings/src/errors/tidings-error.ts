// The one class of operational errors. Programs decide by its code alone.
// Invariant: an error is known by its brand, not by its class, so it is also known if another copy of this package made it.

import { type ErrorCode, errorRegistry, type Retry } from './registry.ts'

const brand: unique symbol = Symbol.for('tidings.error')

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

  /** Marks the error for every copy of this package in the process. */
  get [brand](): true {
    return true
  }

  constructor(code: ErrorCode, message: string, options: TidingsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retry = errorRegistry[code].retry
    this.hint = options.hint ?? errorRegistry[code].hint
    this.details = options.details ?? {}
  }
}

/** Whether a value is a `TidingsError` of any copy of this package, optionally one with the given code. */
export function isTidingsError(value: unknown, code?: ErrorCode): value is TidingsError {
  if (typeof value !== 'object' || readMember(value, brand) !== true) return false
  const known = readMember(value, 'code')
  if (typeof known !== 'string' || (code !== undefined && known !== code)) return false
  return typeof readMember(value, 'hint') === 'string' && retryClasses.has(readMember(value, 'retry'))
}

const retryClasses: ReadonlySet<unknown> = new Set<Retry>(['never', 'backoff', 'wait', 'unavailable'])

/** A member of any value; `undefined` if there is none, or if reading it throws. */
export function readMember(value: unknown, name: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown> | null | undefined)?.[name]
  } catch {
    return undefined
  }
}

/** Throws an `INVARIANT` error unless the condition holds. Its message says what should hold. Use it for bugs, never for bad input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new TidingsError('INVARIANT', `Invariant broken: ${message}`)
}
