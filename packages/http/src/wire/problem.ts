// Problem details (RFC 9457): the answer to a request that is refused or fails, and the error that a client makes of it.

import { type ErrorCode, TidingsError } from 'tidings'
import { errorRegistry } from 'tidings/errors'

/** One thing that is wrong with an input. */
export interface ProblemIssue {
  /** A JSON Pointer (RFC 6901) into the input. */
  readonly path: string
  readonly message: string
}

/** Problem details, `application/problem+json`. */
export interface Problem {
  /** A URI for the kind of problem. */
  readonly type: string
  readonly title: string
  readonly status: number
  /** What happened, one sentence. */
  readonly detail: string
  /** For programs: a code of the error registry, or a lower-case code that is about HTTP. */
  readonly code: string
  /** What to do next, one sentence. */
  readonly hint: string
  readonly issues?: readonly ProblemIssue[]
  readonly details?: Readonly<Record<string, unknown>>
  /** Further members of this kind of problem. */
  readonly [member: string]: unknown
}

/** Whether a value of JSON is an object, with members. */
export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The error for a problem, with its code, message, hint and details. If the problem's code is not in the registry, the error has the code
 * `fallback`. Members of another type than a problem has are left out. `more` is added to the details.
 */
export function errorOfProblem(
  problem: Partial<Problem>,
  fallback: ErrorCode,
  more: Readonly<Record<string, unknown>> = {},
): TidingsError {
  const { code, detail, hint, details, issues, status } = isMembers(problem) ? problem : ({} as Partial<Problem>)
  return new TidingsError(
    typeof code === 'string' && Object.hasOwn(errorRegistry, code) ? (code as ErrorCode) : fallback,
    typeof detail === 'string' ? detail : `The answer had status ${status ?? 'unknown'} and no details.`,
    {
      details: { ...(isMembers(details) ? details : {}), ...(Array.isArray(issues) ? { issues } : {}), ...more },
      ...(typeof hint === 'string' ? { hint } : {}),
    },
  )
}
