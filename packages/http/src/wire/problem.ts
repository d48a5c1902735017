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

/**
 * The error for a problem, with its code, message, hint and details. If the problem's code is not in the registry, the error has the code
 * `fallback`.
 */
export function errorOfProblem(problem: Partial<Problem>, fallback: ErrorCode): TidingsError {
  const code =
    typeof problem.code === 'string' && problem.code in errorRegistry ? (problem.code as ErrorCode) : fallback
  const details = { ...problem.details, ...(problem.issues === undefined ? {} : { issues: problem.issues }) }
  return new TidingsError(
    code,
    problem.detail ?? `The answer had status ${problem.status ?? 'unknown'} and no details.`,
    {
      details,
      ...(typeof problem.hint === 'string' ? { hint: problem.hint } : {}),
    },
  )
}
