// From what was thrown to problem details. Codes in capitals come from the error registry, those in lower case belong to HTTP itself.
// Invariant: what an internal error says stays inside.

import { type ErrorCode, isTidingsError } from 'tidings'
import { errorRegistry } from 'tidings/errors'
import type { Problem } from '../wire/problem.ts'
import { statusOfCode } from './status-of-code.ts'

/** Codes of problems that HTTP has and the registry has not. */
export type HttpErrorCode =
  | 'rejected'
  | 'gone'
  | 'not-found'
  | 'method-not-allowed'
  | 'unsupported-media-type'
  | 'body-incomplete'
  | 'host-refused'
  | 'origin-refused'
  | 'service-down'

const httpErrors: Readonly<Record<HttpErrorCode, { readonly status: number; readonly hint: string }>> = {
  rejected: { status: 409, hint: 'The service has decided; `rejection` says why. Sending it again changes nothing.' },
  gone: { status: 404, hint: 'What is asked for does not exist, or no longer.' },
  'not-found': { status: 404, hint: '/openapi.json lists what there is.' },
  'method-not-allowed': { status: 405, hint: 'Use the method named in the header Allow.' },
  'unsupported-media-type': { status: 415, hint: 'Send JSON as `Content-Type: application/json`, not compressed.' },
  'body-incomplete': { status: 400, hint: 'Send the whole body; its length is in Content-Length.' },
  'host-refused': { status: 403, hint: 'Use an allowed host name, or add it to `http.hosts`.' },
  'origin-refused': { status: 403, hint: 'Call from an allowed origin, or add it to `http.origins`.' },
  'service-down': { status: 503, hint: 'Send it again in a moment, a command with the same Idempotency-Key.' },
}

/** Thrown while a request is read, if the registry has no code for what is wrong with it. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode

  constructor(code: HttpErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The problem for a code of HTTP's own. */
export function httpProblem(
  code: HttpErrorCode,
  detail: string,
  members: Readonly<Record<string, unknown>> = {},
): Problem {
  const { status, hint } = httpErrors[code]
  return { type: typeOf(code), title: titleOf(code), status, detail, code, hint, ...members }
}

/** The problem for whatever was thrown. An internal error says only that there was one; the log says the rest. */
export function problemOf(error: unknown, what: string): Problem {
  if (error instanceof HttpError) return httpProblem(error.code, error.message)
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
