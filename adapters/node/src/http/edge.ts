// What every HTTP edge does before and after its own work: who may call, what a browser is told, how errors look.

import { Hono } from 'hono'
import type { Host } from 'tidings/runtime'
import { type AccessPolicy, corsHeaders, refusalOf } from './access.ts'
import { answer, answerProblem, type Edge, type Exchange } from './answer.ts'
import { edgeProblem, problemOf } from './problem.ts'

const securityHeaders = Object.entries({
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
})

/** What an edge is made with. */
export interface EdgeOptions {
  readonly policy: AccessPolicy
  readonly host: Host
}

/** An application that refuses other hosts and origins, sets the security headers and answers errors as problem details. */
export function createEdge({ policy, host }: EdgeOptions): Edge {
  const app: Edge = new Hono()
  app.use(async (context, next) => {
    for (const [name, value] of securityHeaders) context.env.outgoing.setHeader(name, value)
    const header = (name: string) => context.req.header(name)
    const refusal = refusalOf(header, policy)
    if (refusal !== undefined) return answerProblem(context, edgeProblem(refusal.code, refusal.detail))
    const cors = Object.entries(corsHeaders(header, policy))
    for (const [name, value] of cors) context.env.outgoing.setHeader(name, value)
    if (context.req.method === 'OPTIONS' && cors.length > 0) return answer(context, 200, 'text/plain', '')
    return next()
  })
  app.notFound((context) =>
    answerProblem(context, edgeProblem('not-found', `There is nothing at ${context.req.path.slice(0, 200)}.`)),
  )
  app.onError((error, context) => {
    const problem = problemOf(error, `${context.req.method} ${context.req.path.slice(0, 200)}`)
    if (problem.status === 500) {
      host.log({
        level: 'error',
        time: host.clock.now(),
        service: undefined,
        message: 'A request failed',
        fields: { path: context.req.path.slice(0, 200), code: problem.code, error: error.stack ?? String(error) },
      })
    }
    return answerProblem(context, problem)
  })
  return app
}

/** Refuses every method that has no route of its own. */
export function onlyMethod(allowed: 'GET' | 'POST'): (exchange: Exchange) => Response {
  return (context) =>
    answerProblem(context, edgeProblem('method-not-allowed', `Only ${allowed} is allowed here.`), { allow: allowed })
}
