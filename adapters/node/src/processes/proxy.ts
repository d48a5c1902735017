// Hands a request on to a service's own door and its answer back, as bytes. What fails before an answer has begun is a 503 that may
// be sent again: the idempotency key makes that safe.

import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
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

/** The streams that are handed on: they go on until one side ends them. */
export class ProxiedStreams {
  readonly #open = new Set<() => void>()
  #ended = false

  /** Hands a stream on as it comes; `done` is called when it is over. */
  pass(response: IncomingMessage, outgoing: ServerResponse, done: () => void): void {
    const end = () => {
      if (!this.#open.delete(end)) return
      response.unpipe(outgoing)
      response.destroy()
      outgoing.end()
      done()
    }
    this.#open.add(end)
    // However it breaks off, whoever reads it comes back.
    for (const event of ['end', 'error', 'close']) response.once(event, end)
    outgoing.once('close', end)
    if (this.#ended) end()
    else response.pipe(outgoing, { end: false })
  }

  /** Ends them all, and every one that comes. */
  end(): void {
    this.#ended = true
    for (const end of [...this.#open]) end()
  }
}

/** Hands a request on to the door at `target`; resolves when the answer has been given. */
export async function proxyTo(
  exchange: Exchange,
  target: string,
  service: string,
  agent: Agent,
  streams: ProxiedStreams,
): Promise<Response> {
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
      if (response.headers['content-type']?.startsWith('text/event-stream') === true)
        streams.pass(response, outgoing, resolve)
      else pipeline(response, outgoing, () => resolve())
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
