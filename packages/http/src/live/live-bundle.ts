// Several live queries, of any services, over one connection: a browser opens only six connections to an origin, and a page with six live
// queries would have none left. Each part is read as if it were requested alone.
// Invariant: an unavailable service affects only its own part; the others go on, and the part comes back with its service.

import { TidingsError } from 'tidings'
import type { Environment } from 'tidings/ports'
import type { StreamSink } from '../endpoint/answer.ts'
import { httpProblem } from '../endpoint/problem-of-error.ts'
import { parseJson } from '../endpoint/read-json.ts'
import type { StreamSource } from './live-streams.ts'

/** The most live queries of one connection. */
const partCountMax = 16
const depthMax = 64
const retryMs = 1_000
const encoder = new TextEncoder()

/** The headers of the bundle's request that are passed on with the request for each part: those of the caller and the conversation. */
const headersOfParts = ['authorization', 'cookie', 'tidings-correlation-id']

/** One live query of a bundle. */
export interface LivePart {
  readonly service: string
  readonly name: string
  readonly input: unknown
}

/** How a part is requested. */
export interface PartRequest {
  readonly headers: Readonly<Record<string, string>>
  /** Aborted when the bundle ends. */
  readonly signal: AbortSignal
}

/** An event of a part; `json` is the JSON text of an object. */
export interface PartEvent {
  readonly event: string
  readonly id: string
  readonly json: string
}

/** The answer for a part: its events, or a problem as JSON text. */
export type PartAnswer =
  | { readonly events: AsyncIterable<PartEvent> }
  | { readonly status: number; readonly problem: string }

/** Requests a part from its service. If it throws, the service counts as unavailable. */
export type AskForPart = (part: LivePart, request: PartRequest) => Promise<PartAnswer>

/** The answer for a part of a service that is not here. Like the 404 of a path, it names no other service. */
export function unknownPart({ service, name }: LivePart): PartAnswer {
  const problem = httpProblem('not-found', `There is nothing at ${`/${service}/live/${name}`.slice(0, 200)}.`)
  return { status: problem.status, problem: JSON.stringify(problem) }
}

/** A bundle as the source of a stream. */
export class LiveBundle implements StreamSource {
  readonly name = 'a bundle'
  readonly #parts: readonly LivePart[]
  readonly #headers: Readonly<Record<string, string>>
  readonly #ask: AskForPart
  readonly #timeouts: Environment['timeouts']
  readonly #end = new AbortController()

  /** @param of - the list of parts as JSON text; throws `INVALID_PAYLOAD` if it is invalid. */
  constructor(of: string | undefined, headers: Headers, ask: AskForPart, timeouts: Environment['timeouts']) {
    this.#parts = partsOf(of)
    this.#headers = headersOf(headers)
    this.#ask = ask
    this.#timeouts = timeouts
  }

  async write(sink: StreamSink): Promise<void> {
    await Promise.all(this.#parts.map((part, index) => this.#readPart(index, part, sink)))
    // Even if every part was refused, the stream stays open until its reader goes away.
    if (!this.#end.signal.aborted) await new Promise<void>((resolve) => this.#onEnd(resolve))
  }

  end(): void {
    this.#end.abort()
  }

  // Reads one stream after another; each continues where the last one ended.
  async #readPart(index: number, part: LivePart, sink: StreamSink): Promise<void> {
    let after: string | undefined
    let isAway = false
    const { signal } = this.#end
    while (!signal.aborted) {
      try {
        const headers = { ...this.#headers, ...(after === undefined ? {} : { 'last-event-id': after }) }
        const answer = await this.#ask(part, { headers, signal })
        if ('events' in answer) {
          isAway = false
          for await (const { event, id, json } of answer.events) {
            after = id
            await this.#write(sink, `event: ${event}\ndata: {"of":${index},${json.slice(1)}\n\n`)
          }
        } else if (answer.status < 500)
          // A refusal is final: asking again would be refused again.
          return await this.#write(sink, `event: refused\ndata: {"of":${index},"problem":${answer.problem}}\n\n`)
      } catch {
        // The stream failed, or the service is not available yet.
      }
      if (!isAway) await this.#write(sink, `event: away\ndata: {"of":${index}}\n\n`)
      isAway = true
      await this.#pause()
    }
  }

  // A slow reader delays its own parts; if too much waits, the live query sends a new snapshot.
  async #write(sink: StreamSink, text: string): Promise<void> {
    if (!this.#end.signal.aborted && !sink.write(encoder.encode(text))) await sink.drained()
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#timeouts.after(retryMs, () => {
        removeListener()
        resolve()
      })
      const removeListener = this.#onEnd(() => {
        cancel()
        resolve()
      })
    })
  }

  #onEnd(run: () => void): () => void {
    const { signal } = this.#end
    if (signal.aborted) run()
    else signal.addEventListener('abort', run)
    return () => signal.removeEventListener('abort', run)
  }
}

function headersOf(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    headersOfParts.flatMap((name) => {
      const value = headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}

function partsOf(of: string | undefined): readonly LivePart[] {
  const list = of === undefined ? undefined : parseJson(of, depthMax)
  if (!Array.isArray(list) || list.length === 0 || list.length > partCountMax) throw invalid()
  return list.map((part: unknown) => {
    if (!Array.isArray(part)) throw invalid()
    const [service, name, input] = part as unknown[]
    if (typeof service !== 'string' || typeof name !== 'string' || input === undefined) throw invalid()
    return { service, name, input }
  })
}

function invalid(): TidingsError {
  return new TidingsError('INVALID_PAYLOAD', `"of" must be a list of 1 to ${partCountMax} live queries.`, {
    hint: 'Write ?of=[["<service>","<name>",<input>], …], URI-encoded.',
  })
}
