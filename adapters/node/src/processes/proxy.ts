// Hands a request on to the process of its service and the answer back, as bytes. What fails before an answer has begun is a 503 that
// may be sent again: the idempotency key makes that safe.

import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { type Answer, answerProblem, httpProblem, type StreamBody, type StreamSink } from '@tidings/http/host'
import type { NodeConnection } from '../server/node-connection.ts'

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
  readonly #open = new Set<ProxiedBody>()
  #ended = false

  /** Has a stream of events ended with the others. */
  add(body: ProxiedBody): void {
    this.#open.add(body)
    body.onEnd(() => this.#open.delete(body))
    if (this.#ended) body.end()
  }

  /** Ends them all, and every one that comes. */
  end(): void {
    this.#ended = true
    for (const body of this.#open) body.end()
  }
}

/** The body of an answer that is handed on. */
export class ProxiedBody implements StreamBody {
  readonly #response: IncomingMessage
  /** Whether it may end anywhere: its reader comes back however it breaks off. */
  readonly #endless: boolean
  #sink: StreamSink | undefined
  #ended = false
  #onEnd: () => void = () => {}

  constructor(response: IncomingMessage, endless: boolean) {
    this.#response = response
    this.#endless = endless
    response.once('error', () => this.#brokenOff())
    response.once('close', () => this.#brokenOff())
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

  /** Ends it after what was handed on. */
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

  #brokenOff(): void {
    if (this.#ended) return
    if (!this.#endless) this.#sink?.destroy()
    this.#finish(this.#sink)
  }
}

/** Hands a request on to the service at `target`; resolves with its answer when that has begun. */
export function proxyTo(
  { incoming, outgoing }: NodeConnection,
  target: string,
  service: string,
  agent: Agent,
  streams: ProxiedStreams,
): Promise<Answer> {
  return new Promise<Answer>((resolve) => {
    const upstream = request(`${target}${pathOf(incoming.url)}`, {
      method: incoming.method ?? 'GET',
      headers: passedOn(incoming.headers),
      agent,
    })
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) upstream.destroy()
    })
    upstream.on('response', (response) => {
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true
      const body = new ProxiedBody(response, isStream)
      if (isStream) streams.add(body)
      resolve({ status: response.statusCode ?? 502, headers: joined(passedOn(response.headers)), body })
    })
    // After the answer has begun, its body says so.
    upstream.on('error', () => resolve(answerProblem(serviceDown(service))))
    incoming.pipe(upstream)
  })
}

/** The problem of a service whose process is not there at the moment. */
export function serviceDown(service: string) {
  return httpProblem('service-down', `Service ${service} is being started again.`)
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

function joined(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
