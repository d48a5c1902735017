// Forwards a request to the process of its service, and the answer back, as bytes. A failure before the answer has begun is a 503, and an answer
// that does not begin in time is a 504: callers send the request again, which an idempotency key makes safe.

import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { type Answer, answerProblem, httpProblem, type StreamBody, type StreamSink } from '@tidings/http/host'
import type { NodeConnection } from '../server/node-connection.ts'

/** Headers that are not forwarded: those about one connection, and those that the front has checked itself. */
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

/** The streams of live queries that are open. Each goes on until one side ends it. */
export class ForwardedStreams {
  readonly #open = new Set<ForwardedBody>()
  #ended = false

  /** Adds a stream, which `end` ends with the others. */
  add(body: ForwardedBody): void {
    this.#open.add(body)
    body.onEnd(() => this.#open.delete(body))
    if (this.#ended) body.end()
  }

  /** Ends all streams, and every one that is added later. */
  end(): void {
    this.#ended = true
    for (const body of this.#open) body.end()
  }
}

/** The body of a forwarded answer. */
export class ForwardedBody implements StreamBody {
  readonly #response: IncomingMessage
  /** Whether it is the stream of a live query, which may end anywhere because its reader reconnects. */
  readonly #isStream: boolean
  #sink: StreamSink | undefined
  #ended = false
  #onEnd: () => void = () => {}

  constructor(response: IncomingMessage, isStream: boolean) {
    this.#response = response
    this.#isStream = isStream
    response.once('error', () => this.#abort())
    response.once('close', () => this.#abort())
  }

  start(sink: StreamSink): void {
    this.#sink = sink
    if (this.#ended) {
      sink.end()
      return
    }
    this.#response.on('data', (bytes: Uint8Array) => {
      if (sink.write(bytes)) return
      this.#response.pause()
      void sink.drained().then(() => this.#response.resume())
    })
    this.#response.once('end', () => this.#finish(sink))
  }

  /** Ends it after the bytes forwarded so far. */
  end(): void {
    if (this.#ended) return
    this.#response.destroy()
    this.#finish(this.#sink)
  }

  cancel(): void {
    this.end()
  }

  onEnd(run: () => void): void {
    this.#onEnd = run
  }

  #finish(sink: StreamSink | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#onEnd()
    sink?.end()
  }

  #abort(): void {
    if (this.#ended) return
    if (!this.#isStream) this.#sink?.destroy()
    this.#finish(this.#sink)
  }
}

/** Where a request is forwarded to, and how. */
export interface Forwarding {
  /** The URL of the service's process. */
  readonly target: string
  readonly service: string
  /** The caller's address, which the process is told. */
  readonly address: string | undefined
  readonly agent: Agent
  readonly streams: ForwardedStreams
  /** How long the answer may take to begin once the whole request was forwarded, in milliseconds. */
  readonly answerTimeoutMs: number
  /** Called once, when the answer has ended. */
  readonly onEnd: () => void
}

/** Forwards a request to the process of a service; resolves when its answer has begun. */
export function forwardTo(
  { incoming, outgoing }: NodeConnection,
  { target, service, address, agent, streams, answerTimeoutMs, onEnd }: Forwarding,
): Promise<Answer> {
  return new Promise<Answer>((resolve) => {
    const upstream = request(`${target}${pathOf(incoming.url)}`, {
      method: incoming.method ?? 'GET',
      headers: forwardedRequestHeaders(incoming.headers, address),
      agent,
    })
    const late = () => {
      resolve(answerProblem(serviceSilent(service, answerTimeoutMs)))
      upstream.destroy()
    }
    let answered = false
    let timer = setTimeout(late, answerTimeoutMs)
    // Until then it is the caller who may be slow, and has a time limit of its own.
    incoming.once('end', () => {
      clearTimeout(timer)
      if (!answered) timer = setTimeout(late, answerTimeoutMs)
    })
    outgoing.once('close', () => {
      clearTimeout(timer)
      onEnd()
      if (!outgoing.writableFinished) upstream.destroy()
    })
    upstream.on('response', (response) => {
      answered = true
      clearTimeout(timer)
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true
      const body = new ForwardedBody(response, isStream)
      if (isStream) streams.add(body)
      resolve({ status: response.statusCode ?? 502, headers: joined(forwardedHeaders(response.headers)), body })
    })
    // Without effect if the answer has begun; its body reports the failure then.
    upstream.on('error', () => {
      answered = true
      clearTimeout(timer)
      resolve(answerProblem(serviceDown(service)))
    })
    incoming.pipe(upstream)
  })
}

/** The problem for a service whose process is down. */
export function serviceDown(service: string) {
  return httpProblem('service-down', `Service ${service} is restarting.`)
}

function serviceSilent(service: string, timeoutMs: number) {
  return httpProblem('service-timeout', `Service ${service} did not answer within ${timeoutMs} ms.`)
}

// A request line may contain a whole URL; only its path is forwarded, so that callers cannot choose the target.
function pathOf(url: string | undefined): string {
  const { pathname, search } = new URL(url ?? '/', 'http://localhost')
  return `${pathname}${search}`
}

/** The headers that a process gets of a request: the caller's, and the caller's address. */
export function forwardedRequestHeaders(
  headers: IncomingHttpHeaders,
  address: string | undefined,
): Record<string, string | string[]> {
  const { 'x-forwarded-for': _claimed, ...forwarded } = forwardedHeaders(headers)
  return address === undefined ? forwarded : { ...forwarded, 'x-forwarded-for': address }
}

function forwardedHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const forwarded: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !ownHeaders.has(name) && !name.startsWith('sec-fetch-')) forwarded[name] = value
  }
  return forwarded
}

function joined(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
