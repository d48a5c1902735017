// Checks the frame of every answer, and makes the error of an answer that is none of this API's.
// Invariant: what did not come from the API is never taken for its answer; the error says who answered, with what, and what was wrong.

import { errorOfProblem, isMembers, type Problem, type SentEvent } from '@tidings/http/wire'
import { type ErrorCode, type Rejection, reject, TidingsError } from 'tidings'
import type { CommandResponse, LiveChange } from './client-shapes.ts'

/** An answer whose body was read. */
export interface ReceivedAnswer {
  /** The origin that answered. */
  readonly origin: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** The longest wait that an answer can ask for, in milliseconds. */
const retryAfterMaxMs = 60_000

/**
 * Refuses a redirect: its target may be of another origin, and would get the credentials in `headers`. A browser hides the status and the
 * target.
 */
export function refuseRedirect(origin: string, { type, status, headers }: Response): void {
  if (type !== 'opaqueredirect' && (status < 300 || status > 399)) return
  const location = headers.get('location')
  const target = location !== null && URL.canParse(location, origin) ? ` to ${new URL(location, origin).origin}` : ''
  throw new TidingsError('INVALID_ANSWER', `${origin} redirects${target}; the client follows no redirects.`, {
    hint: 'Set `url` to the origin of the HTTP API itself, so that credentials reach nobody else.',
  })
}

/** Throws the error of an answer that says to try again, from the API or from a proxy in front of it. */
export function refuseUnavailable(answer: ReceivedAnswer): void {
  if (answer.status === 200) return
  const error = errorOfAnswer(answer, 'INVALID_ANSWER')
  if (answer.status === 503 || error.retry === 'unavailable') throw error
}

/** The result in a command's answer; throws the problem that the answer has, or `INVALID_ANSWER`. */
export function commandResponse(answer: ReceivedAnswer): CommandResponse {
  const body = jsonOf(answer)
  if (answer.status !== 200 && !(answer.status === 409 && isMembers(body) && body.code === 'rejected'))
    throw errorOfAnswer(answer, 'UNKNOWN_COMMAND')
  if (!isMembers(body)) throw invalid(answer, 'is not the result of a command')
  const { commandId, replayed, token } = body
  if (typeof commandId !== 'string' || commandId === '') throw invalid(answer, 'has no commandId')
  if (typeof replayed !== 'boolean') throw invalid(answer, 'does not say whether it is replayed')
  if (typeof token !== 'string' || token === '') throw invalid(answer, 'has no token')
  const frame = { commandId, replayed, token }
  if (answer.status === 200) return { ...frame, accepted: true, output: body.output as undefined }
  return { ...frame, accepted: false, rejection: rejectionOf(answer, body) }
}

function rejectionOf(answer: ReceivedAnswer, { detail, rejection }: Readonly<Record<string, unknown>>): Rejection {
  if (!isMembers(rejection) || typeof rejection.code !== 'string' || typeof detail !== 'string')
    throw invalid(answer, 'has no rejection')
  return reject(rejection.code, detail, isMembers(rejection.details) ? rejection.details : {})
}

/** The output in a query's answer; `undefined` if there is none. Throws the problem that the answer has, or `INVALID_ANSWER`. */
export function queryOutput(answer: ReceivedAnswer): unknown {
  const body = jsonOf(answer)
  if (answer.status === 200) {
    if (body === undefined) throw invalid(answer, 'is not JSON')
    return body
  }
  if (answer.status === 404 && isMembers(body) && body.code === 'gone') return undefined
  throw errorOfAnswer(answer, 'UNKNOWN_QUERY')
}

/** The change in an event of a live query; throws `INVALID_ANSWER`. */
export function liveChange(origin: string, { event, id, data }: SentEvent): LiveChange {
  const body = parsed(data)
  const isRow = (row: unknown) => isMembers(row) && typeof row.key === 'string' && 'row' in row
  const fits =
    id !== '' &&
    isMembers(body) &&
    ((event === 'snapshot' && Array.isArray(body.rows) && body.rows.every(isRow)) ||
      (event === 'put' && isRow(body)) ||
      (event === 'remove' && typeof body.key === 'string'))
  if (fits) return { ...body, kind: event, id } as unknown as LiveChange
  throw new TidingsError('INVALID_ANSWER', `${origin} sent an event ${shown(event)} that is no change of a live query.`)
}

/** The error of an answer that is no success. `unknown` is the code for a path that the API does not have. */
export function errorOfAnswer(answer: ReceivedAnswer, unknown: ErrorCode): TidingsError {
  const { origin, status, headers } = answer
  const body = jsonOf(answer)
  const after = retryAfterMs(headers)
  const more = after === undefined ? {} : { retryAfterMs: after }
  if (isMembers(body) && typeof body.code === 'string' && typeof body.detail === 'string')
    return errorOfProblem(body as Partial<Problem>, codeOfStatus(status, unknown), more)
  return new TidingsError(
    codeOfStatus(status, 'INVALID_ANSWER'),
    `${origin} answered ${status} with ${shownBody(answer)} instead of problem details.`,
    { details: { status, ...more } },
  )
}

function codeOfStatus(status: number, unknown: ErrorCode): ErrorCode {
  if (status === 401) return 'UNAUTHENTICATED'
  if (status === 403) return 'FORBIDDEN'
  if (status === 404) return unknown
  if (status === 413) return 'PAYLOAD_TOO_LARGE'
  if (status === 429) return 'TOO_MANY_REQUESTS'
  return [408, 502, 503, 504].includes(status) ? 'SERVICE_UNAVAILABLE' : 'INVALID_ANSWER'
}

// A date is read relative to the answer's own date, so that the clocks of both sides may differ.
function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), retryAfterMaxMs)
}

/** The error of an answer whose frame is wrong. `what` completes the sentence "The answer …". */
function invalid(answer: ReceivedAnswer, what: string): TidingsError {
  const { origin, status } = answer
  return new TidingsError('INVALID_ANSWER', `${origin} answered ${status} with ${shownBody(answer)}, which ${what}.`, {
    details: { status },
  })
}

// The kind of a body, never its contents: they may be anything.
function shownBody({ headers, text }: ReceivedAnswer): string {
  if (text === '') return 'an empty body'
  const type = headers.get('content-type')
  return type === null ? 'a body without a type' : `a body of type ${shown(type)}`
}

function shown(text: string): string {
  return text.slice(0, 60).replaceAll(/[^\x20-\x7e]/g, '?')
}

function jsonOf({ text }: ReceivedAnswer): unknown {
  return text === '' ? undefined : parsed(text)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
