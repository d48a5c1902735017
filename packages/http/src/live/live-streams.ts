// Live queries as server-sent events: each item one event, written as the same bytes to all who read it. A reader that does not take
// what is written holds back its own items and nobody else's; a connection that takes nothing for a minute is cut off.

import type { Environment, LiveItem, LiveReader } from 'tidings/runtime'
import type { Answer, StreamBody, StreamSink } from '../endpoint/answer.ts'
import { HttpError } from '../endpoint/problem-of-error.ts'

/** How long nothing is written before a comment shows that the connection lives, in milliseconds. */
const heartbeatMs = 15_000

/** Heartbeats for which a connection may take nothing before it is cut off. */
const stalledBeatsMax = 4

const encoder = new TextEncoder()
const beat = encoder.encode(': \n\n')
const greeting = encoder.encode('retry: 1000\n\n')
const encoded = new WeakMap<LiveItem, Uint8Array>()

/** What a stream is fed by. */
export interface StreamSource {
  /** What the log calls it. */
  readonly name: string
  /** Writes until there is nothing more to write. */
  write(sink: StreamSink): Promise<void>
  /** Ends the writing. Calling it twice is no error. */
  end(): void
}

/** The streams of live queries that are open. */
export class LiveStreams {
  readonly #environment: Pick<Environment, 'timeouts' | 'log' | 'clock'>
  readonly #open = new Set<EventStream>()
  #cancelBeat: (() => void) | undefined
  #closed = false

  constructor(environment: Pick<Environment, 'timeouts' | 'log' | 'clock'>) {
    this.#environment = environment
  }

  /** The answer that streams what a source writes. Throws an `HttpError` once closed; the source is ended then. */
  answer(source: StreamSource): Answer {
    if (this.#closed) {
      source.end()
      throw new HttpError('service-down', 'The HTTP API is closing.')
    }
    const body = new EventStream(source, {
      ended: (stream) => this.#open.delete(stream),
      failed: (error) => this.#log(source.name, error),
    })
    this.#open.add(body)
    this.#cancelBeat ??= this.#environment.timeouts.after(heartbeatMs, () => this.#beat())
    return { status: 200, headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }, body }
  }

  /** The answer that streams all that a reader gives. */
  read(reader: LiveReader, name: string): Answer {
    return this.answer({
      name,
      write: async (sink) => {
        for await (const item of reader) if (!sink.write(bytesOf(item))) await sink.drained()
      },
      end: () => reader.close(),
    })
  }

  /** Ends all streams, and lets none begin any more. Calling it twice is no error. */
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
    const { clock, log } = this.#environment
    const fields = { liveQuery, error: String(error) }
    log({ level: 'warn', time: clock.now(), service: undefined, message: 'A live query broke off', fields })
  }
}

/** A stream from one source to one sink. */
class EventStream implements StreamBody {
  readonly #source: StreamSource
  readonly #on: { ended(stream: EventStream): void; failed(error: unknown): void }
  #sink: StreamSink | undefined
  #stalledBeats = 0

  constructor(source: StreamSource, on: { ended(stream: EventStream): void; failed(error: unknown): void }) {
    this.#source = source
    this.#on = on
  }

  start(sink: StreamSink): void {
    this.#sink = sink
    sink.write(greeting)
    this.#source.write(sink).then(
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
    this.#source.end()
  }

  /** Ends it after what was written. */
  end(): void {
    this.#source.end()
    // A sink that takes nothing cannot be told that it is over.
    if (this.#sink?.isFull === true) this.#cut(this.#sink)
  }

  /** Shows that the connection lives, or cuts it off if it has taken nothing for too long. */
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

function bytesOf(item: LiveItem): Uint8Array {
  const known = encoded.get(item)
  if (known !== undefined) return known
  const made = encoder.encode(`event: ${item.kind}\nid: ${item.id}\ndata: ${item.json}\n\n`)
  encoded.set(item, made)
  return made
}
