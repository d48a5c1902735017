// Live queries as server-sent events: each item one event, written as the same bytes to all who read it. A reader that does not take
// what is written holds back its own items and nobody else's; a connection that takes nothing for a minute is cut off.

import type { ServerResponse } from 'node:http'
import type { Host, LiveItem, LiveReader } from 'tidings/runtime'
import { answerProblem, type Exchange } from '../http/answer.ts'
import { edgeProblem } from '../http/problem.ts'

/** How long nothing is written before a comment shows that the connection lives, in milliseconds. */
export const heartbeatMs = 15_000

/** Heartbeats for which a connection may take nothing before it is cut off. */
const stalledBeatsMax = 4

const beat = Buffer.from(': \n\n')
const greeting = Buffer.from('retry: 1000\n\n')
const bytes = new WeakMap<LiveItem, Buffer>()

interface Stream {
  readonly outgoing: ServerResponse
  readonly reader: LiveReader
  stalledBeats: number
}

/** The streams of live queries that are open. */
export class EventStreams {
  readonly #host: Pick<Host, 'scheduler' | 'log' | 'clock'>
  readonly #open = new Set<Stream>()
  #cancelBeat: (() => void) | undefined
  #closed = false

  constructor(host: Pick<Host, 'scheduler' | 'log' | 'clock'>) {
    this.#host = host
  }

  /** Answers with all that a reader gives; the answer goes on after this has returned. */
  serve(exchange: Exchange, reader: LiveReader, name: string): void {
    const { outgoing } = exchange.env
    if (this.#closed || outgoing.destroyed) {
      reader.close()
      answerProblem(exchange, edgeProblem('service-down', 'The doors are closing.'))
      return
    }
    const stream: Stream = { outgoing, reader, stalledBeats: 0 }
    this.#open.add(stream)
    outgoing.once('close', () => {
      this.#open.delete(stream)
      reader.close()
    })
    outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    outgoing.write(greeting)
    this.#cancelBeat ??= this.#host.scheduler.after(heartbeatMs, () => this.#beat())
    this.#pump(stream).catch((error: unknown) => {
      const fields = { liveQuery: name, error: String(error) }
      const time = this.#host.clock.now()
      this.#host.log({ level: 'warn', time, service: undefined, message: 'A live query broke off', fields })
      outgoing.destroy()
    })
  }

  /** Ends all streams, and lets none begin any more. */
  close(): void {
    this.#closed = true
    this.#cancelBeat?.()
    for (const { outgoing, reader } of this.#open) {
      reader.close()
      // Who takes nothing cannot be told that it is over.
      if (outgoing.writableNeedDrain) outgoing.destroy()
    }
  }

  async #pump({ outgoing, reader }: Stream): Promise<void> {
    for await (const item of reader) {
      if (!outgoing.write(bytesOf(item))) await drained(outgoing)
    }
    outgoing.end()
  }

  #beat(): void {
    this.#cancelBeat = undefined
    for (const stream of this.#open) {
      if (!stream.outgoing.writableNeedDrain) {
        stream.stalledBeats = 0
        stream.outgoing.write(beat)
      } else if (++stream.stalledBeats >= stalledBeatsMax) stream.outgoing.destroy()
    }
    if (this.#open.size > 0) this.#cancelBeat = this.#host.scheduler.after(heartbeatMs, () => this.#beat())
  }
}

function bytesOf(item: LiveItem): Buffer {
  const known = bytes.get(item)
  if (known !== undefined) return known
  const made = Buffer.from(`event: ${item.kind}\nid: ${item.id}\ndata: ${item.json}\n\n`)
  bytes.set(item, made)
  return made
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      outgoing.off('drain', settle)
      outgoing.off('close', settle)
      resolve()
    }
    outgoing.once('drain', settle)
    outgoing.once('close', settle)
    if (outgoing.destroyed) settle()
  })
}
