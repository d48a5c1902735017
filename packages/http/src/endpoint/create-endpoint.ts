// What every endpoint does around its own routes: host and origin checks, security headers, and errors as problem details.

import { describeThrown } from 'tidings/errors'
import type { Environment } from 'tidings/ports'
import { createLog } from 'tidings/runtime'
import { correlationHeader } from '../wire/headers.ts'
import { type AccessPolicy, corsHeaders, refusalOf } from './access.ts'
import { type Answer, answerProblem, answerText } from './answer.ts'
import { type Connection, Exchange } from './exchange.ts'
import { type HttpErrorCode, httpProblem, problemOf } from './problem-of-error.ts'
import { toResponse } from './to-response.ts'

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** The answer to a request that no endpoint gets to see, such as one that is not valid HTTP. */
export function refusedRequest(code: HttpErrorCode, detail: string): Answer {
  const { status, headers, body } = answerProblem(httpProblem(code, detail), { connection: 'close' })
  return { status, headers: { ...securityHeaders, ...headers }, body }
}

/** Answers requests, on any host. */
export interface HttpEndpoint<C extends Connection = Connection> {
  /** Answers a request; never rejects. Pass what the host knows of the connection. */
  readonly fetch: (request: Request, connection?: C) => Promise<Response>
  /** Like `fetch`, but returns a plain value, for hosts that write answers themselves and need no `Response`. */
  readonly answer: (request: Request, connection: C) => Promise<Answer>
}

/** Options of an endpoint. */
export interface EndpointOptions<C extends Connection> {
  /** The host names that requests may use, and the origins that may call. */
  readonly policy: AccessPolicy
  /** Clock and log. */
  readonly environment: Pick<Environment, 'clock' | 'log'>
  /** Answers a request that has passed the host and origin checks; an error that it throws is answered as a problem. */
  readonly route: (exchange: Exchange<C>) => Answer | Promise<Answer>
}

/** An endpoint that refuses other hosts and origins, sets the security headers and answers errors as problem details. */
export function createEndpoint<C extends Connection>({
  policy,
  environment,
  route,
}: EndpointOptions<C>): HttpEndpoint<C> {
  const answer = async (request: Request, connection: C): Promise<Answer> => {
    const exchange = new Exchange(request, connection)
    // If a request was made in code, or came over HTTP/2, it has no Host header.
    const header = (name: string) => request.headers.get(name) ?? (name === 'host' ? new URL(request.url).host : null)
    let cors: Readonly<Record<string, string>> = {}
    const secured = ({ status, headers, body }: Answer): Answer => ({
      status,
      headers: { ...securityHeaders, ...cors, ...headers },
      body,
    })
    try {
      const refusal = refusalOf(header, policy)
      if (refusal !== undefined) return secured(answerProblem(httpProblem(refusal.code, refusal.detail)))
      cors = corsHeaders(header, policy)
      if (request.method === 'OPTIONS' && 'access-control-allow-origin' in cors)
        return secured(answerText(200, 'text/plain', ''))
      return secured(await route(exchange))
    } catch (error) {
      return secured(problemAnswer(error, `${exchange.method} ${exchange.path.slice(0, 200)}`, environment, exchange))
    }
  }
  return {
    answer,
    fetch: async (request, connection) => toResponse(await answer(request, connection ?? ({} as C)), request),
  }
}

// Details that cannot be written as JSON are a bug of the service; that bug is answered and logged instead.
function problemAnswer(
  error: unknown,
  what: string,
  environment: Pick<Environment, 'clock' | 'log'>,
  of: Pick<Exchange, 'service' | 'headers'>,
): Answer {
  try {
    return answerProblem(loggedProblem(error, what, environment, of))
  } catch (unwritable) {
    return answerProblem(loggedProblem(unwritable, what, environment, of))
  }
}

/** The problem for whatever was thrown; an internal error, and work that took too long, is also logged. */
export function loggedProblem(
  error: unknown,
  what: string,
  environment: Pick<Environment, 'clock' | 'log'>,
  { service, headers }: Pick<Exchange, 'service' | 'headers'>,
) {
  const problem = problemOf(error, what)
  if (problem.status === 500 || problem.status === 504) {
    const { message, hint, stack } = describeThrown(error)
    const correlationId = headers.get(correlationHeader)?.slice(0, 128)
    createLog(environment, service).error('A request failed', {
      path: what.slice(what.indexOf(' ') + 1),
      ...(correlationId === undefined ? {} : { correlationId }),
      code: problem.code,
      error: message,
      hint,
      stack,
    })
  }
  return problem
}

/** The answer to an unknown path. */
export function notFound({ path }: Exchange): Answer {
  return answerProblem(httpProblem('not-found', `There is nothing at ${path.slice(0, 200)}.`))
}

/** The answer to another method than the allowed ones. */
export function onlyMethod(allowed: 'GET' | 'GET, HEAD' | 'POST'): Answer {
  const detail = allowed === 'GET, HEAD' ? 'Only GET and HEAD are allowed here.' : `Only ${allowed} is allowed here.`
  return answerProblem(httpProblem('method-not-allowed', detail), { allow: allowed })
}
