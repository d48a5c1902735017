// Several live queries over one connection, of whatever services: a browser opens six connections to an origin, and a page that shows
// six things would have none left to speak on. Each part is read at its own door, as if it were asked for by itself.
// Invariant: a service that is away costs its own part only; the others go on, and its part comes back with it.

import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { TidingsError } from 'tidings'
import { EventParser, type SentEvent } from '../client/event-parser.ts'
import { isLoopback } from '../http/access.ts'
import type { Exchange } from '../http/answer.ts'
import { parseJson } from '../http/read-json.ts'

/** The most live queries of one connection. */
const partCountMax = 16
const depthMax = 64
const retryMs = 1_000

/** Headers that a part is asked with, besides where it goes on: who is asking. */
const handedOn = ['authorization', 'cookie', 'tidings-correlation-id']

/** One live query of a bundle. */
interface Part {
  readonly service: string
  readonly name: string
  readonly input: unknown
}

/** Where a service's door is now: `http://127.0.0.1:4747`; `undefined` while it is away. */
export type DoorOf = (service: string) => string | undefined

/** The bundles that are open: they go on until one side ends them. */
export class LiveBundles {
  readonly #open = new Set<Bundle>()
  #ended = false

  /** Answers `GET /live?of=[[service, name, input], …]`; the answer goes on after this has returned. Throws `INVALID_PAYLOAD`. */
  serve(exchange: Exchange, doorOf: DoorOf): Response {
    const parts = partsOf(exchange.req.query('of'))
    const { outgoing } = exchange.env
    if (this.#ended) throw new TidingsError('CLOSED', 'The doors are closing.')
    outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    outgoing.write('retry: 1000\n\n')
    const bundle = new Bundle(parts, exchange, doorOf)
    this.#open.add(bundle)
    outgoing.once('close', () => {
      this.#open.delete(bundle)
      bundle.end()
    })
    if (outgoing.destroyed) bundle.end()
    else bundle.read()
    return RESPONSE_ALREADY_SENT
  }

  /** Ends them all, and every one that comes. */
  end(): void {
    this.#ended = true
    for (const bundle of this.#open) bundle.end()
  }
}

class Bundle {
  readonly #parts: readonly Part[]
  readonly #headers: Readonly<Record<string, string>>
  readonly #host: string | undefined
  readonly #outgoing: ServerResponse
  readonly #doorOf: DoorOf
  readonly #end = new AbortController()

  constructor(parts: readonly Part[], exchange: Exchange, doorOf: DoorOf) {
    this.#parts = parts
    this.#headers = headersOf(exchange)
    this.#host = exchange.req.header('host')
    this.#outgoing = exchange.env.outgoing
    this.#doorOf = doorOf
  }

  read(): void {
    for (const [index, part] of this.#parts.entries()) void this.#readPart(index, part)
  }

  end(): void {
    this.#end.abort()
    if (this.#outgoing.writableNeedDrain) this.#outgoing.destroy()
    else this.#outgoing.end()
  }

  // One connection after the other, each going on where the last one broke off.
  async #readPart(index: number, part: Part): Promise<void> {
    let after: string | undefined
    let isAway = false
    while (!this.#end.signal.aborted) {
      try {
        const response = await this.#ask(part, after)
        if (response.statusCode === 200) {
          isAway = false
          for await (const event of eventsOf(response, () => this.#write(': \n\n'))) {
            after = event.id
            await this.#write(`event: ${event.event}\ndata: {"of":${index},${event.data.slice(1)}\n\n`)
          }
        } else {
          const problem = await textOf(response)
          // What is refused now is refused the next time, too.
          if ((response.statusCode ?? 0) < 500)
            return await this.#write(`event: refused\ndata: {"of":${index},"problem":${problem}}\n\n`)
        }
      } catch {
        // It broke off, or there is nobody yet.
      }
      if (!isAway) await this.#write(`event: away\ndata: {"of":${index}}\n\n`)
      isAway = true
      await this.#pause()
    }
  }

  #ask({ service, name, input }: Part, after: string | undefined): Promise<IncomingMessage> {
    const door = this.#doorOf(service)
    return new Promise((resolve, reject) => {
      if (door === undefined) return reject(new TidingsError('SERVICE_UNAVAILABLE', `Service ${service} is away.`))
      const path = `/${encodeURIComponent(service)}/live/${encodeURIComponent(name)}`
      const asked = request(`${door}${path}?input=${encodeURIComponent(JSON.stringify(input))}`, {
        headers: {
          ...this.#headers,
          ...this.#hostFor(door),
          ...(after === undefined ? {} : { 'last-event-id': after }),
        },
        // A connection of its own for as long as it is read: none of a pool is held back by it.
        agent: false,
        signal: this.#end.signal,
      })
      asked.on('response', resolve).on('error', reject).end()
    })
  }

  // A door on another address than loopback answers to the names it was given only.
  #hostFor(door: string): Readonly<Record<string, string>> {
    return isLoopback(new URL(door).hostname) || this.#host === undefined ? {} : { host: this.#host }
  }

  async #write(text: string): Promise<void> {
    const outgoing = this.#outgoing
    if (this.#end.signal.aborted || outgoing.write(text)) return
    // Whoever takes slowly holds back their own parts; the door gives a new picture where too much has waited.
    await new Promise<void>((resolve) => {
      const settle = () => {
        outgoing.off('drain', settle)
        this.#end.signal.removeEventListener('abort', settle)
        resolve()
      }
      outgoing.once('drain', settle)
      this.#end.signal.addEventListener('abort', settle)
    })
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer)
        this.#end.signal.removeEventListener('abort', settle)
        resolve()
      }
      const timer = setTimeout(settle, retryMs)
      this.#end.signal.addEventListener('abort', settle)
      if (this.#end.signal.aborted) settle()
    })
  }
}

function headersOf({ req }: Exchange): Readonly<Record<string, string>> {
  return Object.fromEntries(
    handedOn.flatMap((name) => {
      const value = req.header(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

async function* eventsOf(response: IncomingMessage, beat: () => Promise<void>): AsyncGenerator<SentEvent> {
  const parser = new EventParser()
  const decoder = new TextDecoder()
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    const events = parser.push(decoder.decode(chunk, { stream: true }))
    // The door's heartbeat is passed on: a connection that lives is seen to.
    if (events.length === 0) await beat()
    yield* events
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response as AsyncIterable<string>) text += chunk
  return text
}

function partsOf(of: string | undefined): readonly Part[] {
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
  return new TidingsError('INVALID_PAYLOAD', `"of" is a list of 1 to ${partCountMax} live queries.`, {
    hint: 'Write ?of=[["<service>","<name>",<input>], …], URI-encoded.',
  })
}
