// Hands a request on to a service's own door and its answer back, as bytes. What fails before an answer has begun is a 503 that may
// be sent again: the idempotency key makes that safe.

import { type Agent, type IncomingHttpHeaders, request } from 'node:http'
import { pipeline } from 'node:stream'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { answerProblem, type Exchange } from '../http/answer.ts'
import { edgeProblem } from '../http/problem.ts'

/** What is between two hosts only, and what the front has dealt with itself. */
const ownHeaders = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'origin',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Hands a request on to the door at `target`; resolves when the answer has been given. */
export async function proxyTo(exchange: Exchange, target: string, service: string, agent: Agent): Promise<Response> {
  const { incoming, outgoing } = exchange.env
  await new Promise<void>((resolve) => {
    const upstream = request(`${target}${pathOf(incoming.url)}`, {
      method: incoming.method ?? 'GET',
      headers: passedOn(incoming.headers),
      agent,
    })
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) upstream.destroy()
      resolve()
    })
    upstream.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, passedOn(response.headers))
      pipeline(response, outgoing, () => resolve())
    })
    upstream.on('error', () => {
      if (outgoing.headersSent) outgoing.destroy()
      else answerProblem(exchange, serviceDown(service))
      resolve()
    })
    incoming.pipe(upstream)
  })
  return RESPONSE_ALREADY_SENT
}

/** The problem of a service whose process is not there at the moment. */
export function serviceDown(service: string) {
  return edgeProblem('service-down', `Service ${service} is being started again.`)
}

// A request line may name a whole URL; only its path is handed on, so that nobody chooses the target.
function pathOf(url: string | undefined): string {
  const { pathname, search } = new URL(url ?? '/', 'http://localhost')
  return `${pathname}${search}`
}

function passedOn(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !ownHeaders.has(name) && !name.startsWith('sec-fetch-')) passed[name] = value
  }
  return passed
}
