// Problem details (RFC 9457): what an HTTP API says when it refuses or fails, and the error that it stands for at the caller's end.

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
  /** A word for programs: a code of the error registry, or a lower-case one that belongs to HTTP itself. */
  readonly code: string
  /** What to do next, one sentence. */
  readonly hint: string
  readonly issues?: readonly ProblemIssue[]
  readonly details?: Readonly<Record<string, unknown>>
  /** Further members, as the kind of problem has them. */
  readonly [member: string]: unknown
}

/** The error that a problem stands for: its code, message, hint and details. `fallback` is the code of a problem that names none. */
export function errorOfProblem(problem: Partial<Problem>, fallback: ErrorCode): TidingsError {
  const code =
    typeof problem.code === 'string' && problem.code in errorRegistry ? (problem.code as ErrorCode) : fallback
  const details = { ...problem.details, ...(problem.issues === undefined ? {} : { issues: problem.issues }) }
  return new TidingsError(code, problem.detail ?? `The answer was ${problem.status ?? 'no problem'}.`, {
    details,
    ...(typeof problem.hint === 'string' ? { hint: problem.hint } : {}),
  })
}
