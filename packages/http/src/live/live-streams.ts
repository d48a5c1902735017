// Live queries as server-sent events. Each item is one event, encoded once for all of its readers. A slow reader delays only its own
// items; a connection that takes nothing for a minute is closed.

import type { PrincipalInput } from 'tidings'
import { describeThrown } from 'tidings/errors'
import { createLog, type Environment, type LiveItem, type LiveReader } from 'tidings/runtime'
import type { Answer, StreamBody, StreamSink } from '../endpoint/answer.ts'
import { HttpError } from '../endpoint/problem-of-error.ts'

/** How often a comment is written to show that the connection is alive, in milliseconds. */
const heartbeatMs = 15_000

/** A connection is closed if it takes nothing for this many heartbeats. */
const stalledBeatsMax = 4

const encoder = new TextEncoder()
const beat = encoder.encode(': \n\n')
const greeting = encoder.encode('retry: 1000\n\n')
const encoded = new WeakMap<LiveItem, Uint8Array>()

/** Writes the content of a stream. */
export interface StreamSource {
  /** Its name in the log. */
  readonly name: string
  /** Who reads it. */
  readonly principals: readonly (PrincipalInput | null)[]
  /** Writes until the content ends or `end` is called. */
  write(sink: StreamSink): Promise<void>
  /** Ends the writing. Safe to call twice. */
  end(): void
}

/** Whose streams to end; every given part must match. */
export interface LiveSelection {
  /** The id of the principal. Default: everybody. */
  readonly principal?: string
  /** The tenant. Default: of any tenant. */
  readonly tenant?: string
}

/** The open streams of live queries. */
export class LiveStreams {
  readonly #environment: Pick<Environment, 'timeouts' | 'log' | 'clock'>
  readonly #open = new Set<EventStream>()
  #cancelBeat: (() => void) | undefined
  #closed = false

  constructor(environment: Pick<Environment, 'timeouts' | 'log' | 'clock'>) {
    this.#environment = environment
  }

  /** The answer that streams what a source writes, and calls `onEnd` once. After `close` it ends the source and throws an `HttpError`. */
  answer(source: StreamSource, onEnd: () => void = () => {}): Answer {
    if (this.#closed) {
      source.end()
      onEnd()
      throw new HttpError('service-down', 'The HTTP API is closing.')
    }
    const body = new EventStream(source, {
      ended: (stream) => {
        this.#open.delete(stream)
        onEnd()
      },
      failed: (error) => this.#log(source.name, error),
    })
    this.#open.add(body)
    this.#cancelBeat ??= this.#environment.timeouts.after(heartbeatMs, () => this.#beat())
    return { status: 200, headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }, body }
  }

  /** The answer that streams the items of a reader, and calls `onEnd` once. */
  read(reader: LiveReader, source: Pick<StreamSource, 'name' | 'principals'>, onEnd: () => void): Answer {
    const read: StreamSource = {
      ...source,
      write: (sink) => reader.giveTo({ take: (item) => sink.write(bytesOf(item)), drained: () => sink.drained() }),
      end: () => reader.close(),
    }
    return this.answer(read, onEnd)
  }

  /** Ends the streams that a principal reads; returns how many. A stream that reconnects is authorized anew. */
  endOf(selection: LiveSelection): number {
    const found = [...this.#open].filter(({ source }) => source.principals.some((each) => isSelected(each, selection)))
    for (const stream of found) stream.end()
    return found.length
  }

  /** Ends all streams and refuses new ones. Safe to call twice. */
  close(): void {
    this.#closed = true
    this.#cancelBeat?.()
    for (const stream of this.#open) stream.end()
  }

  #beat(): void {
    this.#cancelBeat = undefined
    for (const stream of this.#open) stream.beat()
    if (this.#open.size > 0) this.#cancelBeat = this.#environment.timeouts.after(heartbeatMs, () => this.#beat())
  }

  #log(liveQuery: string, error: unknown): void {
    const fields = { liveQuery, error: describeThrown(error).message }
    createLog(this.#environment, undefined).warn('The stream of a live query failed', fields)
  }
}

/** A stream from one source to one sink. */
class EventStream implements StreamBody {
  readonly source: StreamSource
  readonly #on: { ended(stream: EventStream): void; failed(error: unknown): void }
  #sink: StreamSink | undefined
  #stalledBeats = 0

  constructor(source: StreamSource, on: { ended(stream: EventStream): void; failed(error: unknown): void }) {
    this.source = source
    this.#on = on
  }

  start(sink: StreamSink): void {
    this.#sink = sink
    sink.write(greeting)
    this.source.write(sink).then(
      () => {
        this.#on.ended(this)
        sink.end()
      },
      (error: unknown) => {
        this.#on.failed(error)
        this.#cut(sink)
      },
    )
  }

  cancel(): void {
    this.#on.ended(this)
    this.source.end()
  }

  /** Ends the stream after the bytes written so far. */
  end(): void {
    this.source.end()
    // A full sink would not deliver the end.
    if (this.#sink?.isFull === true) this.#cut(this.#sink)
  }

  /** Shows that the connection is alive, or closes it if it has taken nothing for too long. */
  beat(): void {
    const sink = this.#sink
    if (sink === undefined) return
    if (!sink.isFull) {
      this.#stalledBeats = 0
      sink.write(beat)
    } else if (++this.#stalledBeats >= stalledBeatsMax) this.#cut(sink)
  }

  #cut(sink: StreamSink): void {
    sink.destroy()
    this.cancel()
  }
}

function isSelected(principal: PrincipalInput | null, selection: LiveSelection): boolean {
  const { id, tenant = null } = typeof principal === 'string' ? { id: principal } : (principal ?? { id: null })
  if (selection.principal !== undefined && selection.principal !== id) return false
  return selection.tenant === undefined || selection.tenant === tenant
}

function bytesOf(item: LiveItem): Uint8Array {
  const known = encoded.get(item)
  if (known !== undefined) return known
  const made = encoder.encode(`event: ${item.kind}\nid: ${item.id}\ndata: ${item.json}\n\n`)
  encoded.set(item, made)
  return made
}
