// Turns errors into problem details. Codes in capitals come from the error registry; codes in lower case are about HTTP.
// Invariant: the message of an internal error is never sent to the caller.

import { type ErrorCode, isTidingsError } from 'tidings'
import { isInstance } from 'tidings/errors'
import type { Problem } from '../wire/problem.ts'
import { statusOfCode } from './status-of-code.ts'

/** Codes of problems that are about HTTP, and so not in the error registry. */
export type HttpErrorCode =
  | 'rejected'
  | 'gone'
  | 'not-found'
  | 'method-not-allowed'
  | 'unsupported-media-type'
  | 'body-incomplete'
  | 'request-invalid'
  | 'request-timeout'
  | 'request-too-large'
  | 'expectation-failed'
  | 'headers-too-large'
  | 'host-refused'
  | 'origin-refused'
  | 'too-many-connections'
  | 'too-many-streams'
  | 'service-down'
  | 'service-timeout'

const httpErrors: Readonly<Record<HttpErrorCode, { readonly status: number; readonly hint: string }>> = {
  rejected: {
    status: 409,
    hint: 'The service rejected the command; `rejection` says why. Sending it again does not help.',
  },
  gone: { status: 404, hint: 'It never existed, or is gone.' },
  'not-found': { status: 404, hint: '/openapi.json lists all paths.' },
  'method-not-allowed': { status: 405, hint: 'Use the method in the Allow header.' },
  'unsupported-media-type': { status: 415, hint: 'Send JSON as `Content-Type: application/json`, uncompressed.' },
  'request-invalid': { status: 400, hint: 'Send valid HTTP/1.1, with one Host header.' },
  'request-timeout': {
    status: 408,
    hint: 'Send the whole request at once, or raise `requestTimeoutMs` of the HTTP API.',
  },
  'request-too-large': { status: 413, hint: 'Send less data.' },
  'expectation-failed': { status: 417, hint: 'Leave out the Expect header, or send `Expect: 100-continue`.' },
  'headers-too-large': { status: 431, hint: 'Send fewer or shorter headers, and a shorter path.' },
  'body-incomplete': { status: 400, hint: 'Send the whole body, as long as Content-Length says.' },
  'host-refused': {
    status: 403,
    hint: 'Use an allowed host name, or add this one to the option `hosts` of the HTTP API.',
  },
  'origin-refused': {
    status: 403,
    hint: 'Call from an allowed origin, or add this one to the option `origins` of the HTTP API.',
  },
  'too-many-streams': {
    status: 429,
    hint: 'Close some, or read several live queries over one connection (`/live`). The limit is `connectionCountPerAddressMax` of the HTTP API; behind a proxy, set `trustProxy`.',
  },
  'too-many-connections': {
    status: 503,
    hint: 'Close connections that you do not need, and try again in a moment. The limits are `connectionCountMax` and `connectionCountPerAddressMax` of the HTTP API; behind a proxy, set `trustProxy`.',
  },
  'service-down': { status: 503, hint: 'Send the request again in a moment, a command with the same Idempotency-Key.' },
  'service-timeout': {
    status: 504,
    hint: 'The service may have done it all the same. Send the request again later, a command with the same Idempotency-Key.',
  },
}

/** Thrown while a request is read, if the error is about HTTP and so has no code in the registry. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode

  constructor(code: HttpErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The problem for a code that is about HTTP. */
export function httpProblem(
  code: HttpErrorCode,
  detail: string,
  members: Readonly<Record<string, unknown>> = {},
): Problem {
  const { status, hint } = httpErrors[code]
  return { type: typeOf(code), title: titleOf(code), status, detail, code, hint, ...members }
}

/** The problem for anything that was thrown. For an internal error it says only what failed; the log has the rest. */
export function problemOf(error: unknown, what: string): Problem {
  if (isInstance(error, HttpError)) return httpProblem(error.code, error.message)
  if (!isTidingsError(error)) return internal('HANDLER_FAILED', what)
  // Another copy of the package may know codes that this one does not.
  const status = Object.hasOwn(statusOfCode, error.code) ? statusOfCode[error.code] : 500
  if (status === 500) return internal(error.code, what)
  const { issues, ...details } = error.details ?? {}
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

// What the registry says of such a code is for whoever runs the service; the log has it.
const internalHint =
  'The service has a fault; what you sent is well formed. Send it again later, a command with the same Idempotency-Key, or tell whoever runs the service.'

function internal(code: ErrorCode, what: string): Problem {
  return {
    type: typeOf(code),
    title: titleOf(code),
    status: 500,
    detail: `${what} failed; the service's log says why.`,
    code,
    hint: internalHint,
  }
}

function typeOf(code: string): string {
  return `urn:tidings:problem:${code.toLowerCase().replaceAll('_', '-')}`
}

function titleOf(code: string): string {
  const words = code
    .toLowerCase()
    .replaceAll(/[_-]/g, ' ')
    .replace(/\bjson\b/, 'JSON')
    .replace(/\bsql\b/, 'SQL')
  return `${words[0]?.toUpperCase()}${words.slice(1)}`
}
