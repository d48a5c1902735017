// Reading a live query: one long answer after the other, each going on where the last one broke off.
// Invariant: whoever iterates sees the items in order, each once, whatever happens to connections and services in between.

import { setTimeout as pause } from 'node:timers/promises'
import { retryOf, TidingsError } from 'tidings'
import { errorOfProblem, type Problem } from '../http/problem.ts'
import type { LiveChange } from './client-shapes.ts'
import { EventParser, type SentEvent } from './event-parser.ts'

/** What is read. */
export interface LiveRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** The id of the item that was read last. */
  readonly after: string | undefined
  /** Ends it. */
  readonly signal: AbortSignal
  /** How long a connection may stay silent before it counts as lost, in milliseconds. */
  readonly silenceMs: number
}

const firstPauseMs = 100
const longestPauseMs = 5_000

/** Reads until the signal, or for as long as somebody iterates; throws what the door says where coming back cannot help. */
export async function* readLive(request: LiveRequest): AsyncGenerator<LiveChange, void, undefined> {
  let after = request.after
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      for await (const item of readOnce({ ...request, after })) {
        after = item.id
        pauseMs = firstPauseMs
        yield item
      }
    } catch (error) {
      request.signal.throwIfAborted()
      if (retryOf(error) !== 'unavailable') throw error
    }
    await pause(pauseMs, undefined, { signal: request.signal }).catch(() => request.signal.throwIfAborted())
  }
}

// One connection, to its end.
async function* readOnce({ url, headers, after, signal, silenceMs }: LiveRequest): AsyncGenerator<LiveChange> {
  const silent = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silent.abort(), silenceMs)
  }
  const lost = (cause: unknown) => new TidingsError('SERVICE_UNAVAILABLE', `${url.origin} broke off.`, { cause })
  try {
    heard()
    const response = await fetch(url, {
      headers: { ...headers, accept: 'text/event-stream', ...(after === undefined ? {} : { 'last-event-id': after }) },
      signal: AbortSignal.any([signal, silent.signal]),
    }).catch((cause: unknown) => Promise.reject(lost(cause)))
    if (response.status !== 200 || response.body === null) throw await errorOf(response)
    const parser = new EventParser()
    const text = response.body.pipeThrough(new TextDecoderStream()) as AsyncIterable<string>
    const pieces = text[Symbol.asyncIterator]()
    try {
      for (;;) {
        const piece = await pieces.next().catch((cause: unknown) => Promise.reject(lost(cause)))
        if (piece.done === true) return
        heard()
        for (const event of parser.push(piece.value)) yield itemOf(event)
      }
    } finally {
      void pieces.return?.().catch(() => {})
    }
  } finally {
    clearTimeout(timer)
    silent.abort()
  }
}

function itemOf({ event, id, data }: SentEvent): LiveChange {
  return { kind: event, id, ...JSON.parse(data) } as LiveChange
}

async function errorOf(response: Response): Promise<TidingsError> {
  const problem = (await response.json().catch(() => ({ status: response.status }))) as Partial<Problem>
  return errorOfProblem(problem, response.status >= 500 ? 'SERVICE_UNAVAILABLE' : 'INVALID_PAYLOAD')
}
