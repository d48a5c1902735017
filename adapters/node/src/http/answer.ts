// Answers are written to Node's response as they are: through a web `Response` each would cost as much again as the command it answers.

import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context, Hono } from 'hono'
import type { Problem } from './problem.ts'

/** An application on Node's server. */
export type Edge = Hono<{ Bindings: HttpBindings }>

/** A request and its answer on Node's server. */
export type Exchange = Context<{ Bindings: HttpBindings }>

/** Answers with text of a media type. */
export function answer(
  exchange: Exchange,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { outgoing } = exchange.env
  // The caller may have gone away, or an answer have begun: then there is nobody to tell.
  if (!outgoing.headersSent && !outgoing.destroyed) {
    outgoing.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...headers })
    outgoing.end(text)
  }
  return RESPONSE_ALREADY_SENT
}

/** Answers with JSON. */
export function answerJson(exchange: Exchange, value: unknown, status = 200): Response {
  return answer(exchange, status, 'application/json', JSON.stringify(value))
}

/** Answers with a problem; a passing one says when to come back. */
export function answerProblem(
  exchange: Exchange,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(exchange, problem.status, 'application/problem+json', JSON.stringify(problem), {
    ...(problem.status === 503 ? { 'retry-after': '1' } : {}),
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...headers,
  })
}
