// Reading a live query: one long answer after the other, each going on where the last one broke off.
// Invariant: whoever iterates sees the items in order, each once, whatever happens to connections and services in between.

import { EventParser, errorOfProblem, type Problem, type SentEvent } from '@tidings/http/wire'
import { TidingsError } from 'tidings'
import { retryOf } from 'tidings/errors'
import type { LiveChange } from './client-shapes.ts'
import { linkedAbort } from './linked-abort.ts'
import { pause } from './pause.ts'

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

/** Reads until the signal, or for as long as somebody iterates; throws what the service says if coming back cannot help. */
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
    await pause(pauseMs, request.signal)
  }
}

// One connection, to its end.
async function* readOnce({ url, headers, after, signal, silenceMs }: LiveRequest): AsyncGenerator<LiveChange> {
  const end = linkedAbort(signal)
  let timer: ReturnType<typeof setTimeout> | undefined
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(end.abort, silenceMs)
  }
  const lost = (cause: unknown) => new TidingsError('SERVICE_UNAVAILABLE', `${url.origin} broke off.`, { cause })
  try {
    heard()
    const response = await fetch(url, {
      headers: { ...headers, accept: 'text/event-stream', ...(after === undefined ? {} : { 'last-event-id': after }) },
      signal: end.signal,
    }).catch((cause: unknown) => Promise.reject(lost(cause)))
    if (response.status !== 200 || response.body === null) throw await errorOf(response)
    const parser = new EventParser()
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    try {
      for (;;) {
        const piece = await reader.read().catch((cause: unknown) => Promise.reject(lost(cause)))
        if (piece.done) return
        heard()
        for (const event of parser.push(decoder.decode(piece.value, { stream: true }))) yield itemOf(event)
      }
    } finally {
      void reader.cancel().catch(() => {})
    }
  } finally {
    clearTimeout(timer)
    end.abort()
    end.unlink()
  }
}

function itemOf({ event, id, data }: SentEvent): LiveChange {
  return { kind: event, id, ...JSON.parse(data) } as LiveChange
}

async function errorOf(response: Response): Promise<TidingsError> {
  const problem = (await response.json().catch(() => ({ status: response.status }))) as Partial<Problem>
  return errorOfProblem(problem, response.status >= 500 ? 'SERVICE_UNAVAILABLE' : 'INVALID_PAYLOAD')
}
