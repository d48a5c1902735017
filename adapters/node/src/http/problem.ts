// Problem details (RFC 9457): how every "no" of an HTTP edge looks. Codes in capitals come from the error registry, those in
// lower case belong to HTTP itself. Invariant: what a bug says about the inside stays inside.

import { type ErrorCode, errorRegistry, isTidingsError, TidingsError } from 'tidings'
import { statusOfCode } from './status-of-code.ts'

/** One thing that speaks against an input. */
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
  /** A word for programs. */
  readonly code: string
  /** What to do next, one sentence. */
  readonly hint: string
  readonly issues?: readonly ProblemIssue[]
  readonly details?: Readonly<Record<string, unknown>>
  /** Further members, as the kind of problem has them. */
  readonly [member: string]: unknown
}

/** Codes of problems that HTTP has and the registry has not. */
export type EdgeCode =
  | 'rejected'
  | 'gone'
  | 'not-found'
  | 'method-not-allowed'
  | 'unsupported-media-type'
  | 'body-incomplete'
  | 'host-refused'
  | 'origin-refused'
  | 'service-down'

const edge: Readonly<Record<EdgeCode, { readonly status: number; readonly hint: string }>> = {
  rejected: { status: 409, hint: 'The service has decided; `rejection` says why. Sending it again changes nothing.' },
  gone: { status: 404, hint: 'What is asked for does not exist, or no longer.' },
  'not-found': { status: 404, hint: '/openapi.json lists what there is.' },
  'method-not-allowed': { status: 405, hint: 'Use the method named in the header Allow.' },
  'unsupported-media-type': { status: 415, hint: 'Send JSON as `Content-Type: application/json`, not compressed.' },
  'body-incomplete': { status: 400, hint: 'Send the whole body; its length is in Content-Length.' },
  'host-refused': { status: 403, hint: 'Use an allowed host name, or add it to `doors.hosts`.' },
  'origin-refused': { status: 403, hint: 'Call from an allowed origin, or add it to `doors.origins`.' },
  'service-down': { status: 503, hint: 'Send it again in a moment, a command with the same Idempotency-Key.' },
}

/** Thrown by the parts of an HTTP edge where the registry has no code for what is wrong. */
export class EdgeError extends Error {
  override readonly name = 'EdgeError'
  readonly code: EdgeCode

  constructor(code: EdgeCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The problem of an edge's own code. */
export function edgeProblem(code: EdgeCode, detail: string, members: Readonly<Record<string, unknown>> = {}): Problem {
  const { status, hint } = edge[code]
  return { type: typeOf(code), title: titleOf(code), status, detail, code, hint, ...members }
}

/** The problem of whatever was thrown. An error of the inside says no more than that there was one. */
export function problemOf(error: unknown, what: string): Problem {
  if (error instanceof EdgeError) return edgeProblem(error.code, error.message)
  if (!isTidingsError(error)) return inner('HANDLER_FAILED', what)
  const status = statusOfCode[error.code]
  if (status === 500) return inner(error.code, what)
  const { issues, ...details } = error.details
  return {
    type: typeOf(error.code),
    title: titleOf(error.code),
    status,
    detail: error.message,
    code: error.code,
    hint: error.hint,
    ...(Array.isArray(issues) ? { issues } : {}),
    ...(status < 500 && Object.keys(details).length > 0 ? { details } : {}),
  }
}

/** The error a problem stands for, at the other end: its code, message, hint and details. */
export function errorOfProblem(problem: Partial<Problem>, fallback: ErrorCode): TidingsError {
  const code =
    typeof problem.code === 'string' && problem.code in errorRegistry ? (problem.code as ErrorCode) : fallback
  const details = { ...problem.details, ...(problem.issues === undefined ? {} : { issues: problem.issues }) }
  return new TidingsError(code, problem.detail ?? `The answer was ${problem.status ?? 'no problem'}.`, {
    details,
    ...(typeof problem.hint === 'string' ? { hint: problem.hint } : {}),
  })
}

function inner(code: ErrorCode, what: string): Problem {
  return {
    type: typeOf(code),
    title: titleOf(code),
    status: 500,
    detail: `${what} failed; the service's log says why.`,
    code,
    hint: errorRegistry[code].hint,
  }
}

function typeOf(code: string): string {
  return `urn:tidings:problem:${code.toLowerCase().replaceAll('_', '-')}`
}

function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll(/[_-]/g, ' ')
  return `${words[0]?.toUpperCase()}${words.slice(1)}`
}
