// Reads a live query from one long answer after another; each continues where the last one ended.
// Invariant: the changes come in order, each once, however often connections and services fail.

import { EventParser } from '@tidings/http/wire'
import { TidingsError } from 'tidings'
import { retryOf } from 'tidings/errors'
import { errorOfAnswer, liveChange, refuseRedirect } from './check-answer.ts'
import type { LiveChange } from './client-shapes.ts'
import { linkedAbort } from './linked-abort.ts'
import { pause } from './pause.ts'
import { readText } from './read-text.ts'
import { retryAfterMs } from './retrying.ts'

/** A live query to read. */
export interface LiveRequest {
  readonly url: URL
  /** Asked before each connection. What it throws ends the reading. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>
  /** The id of the last change that was read. */
  readonly after: string | undefined
  /** Ends the reading. */
  readonly signal: AbortSignal
  /** How long a connection may send nothing before it counts as lost, in milliseconds. */
  readonly silenceMs: number
}

const firstPauseMs = 100
const longestPauseMs = 5_000

/** Reads until the signal is aborted or the iteration ends; throws the service's error if reconnecting cannot help. */
export async function* readLive(request: LiveRequest): AsyncGenerator<LiveChange, void, undefined> {
  let after = request.after
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    let waitMs = pauseMs
    try {
      for await (const change of readOnce({ ...request, after })) {
        after = change.id
        pauseMs = firstPauseMs
        waitMs = firstPauseMs
        yield change
      }
    } catch (error) {
      request.signal.throwIfAborted()
      if (retryOf(error) !== 'unavailable') throw error
      waitMs = Math.max(pauseMs, retryAfterMs(error))
    }
    await pause(waitMs, request.signal)
  }
}

// Reads one connection to its end.
async function* readOnce({ url, headers, after, signal, silenceMs }: LiveRequest): AsyncGenerator<LiveChange> {
  const end = linkedAbort(signal)
  let timer: ReturnType<typeof setTimeout> | undefined
  const renewTimeout = () => {
    clearTimeout(timer)
    timer = setTimeout(end.abort, silenceMs)
  }
  const lost = (cause: unknown) =>
    new TidingsError('SERVICE_UNAVAILABLE', `The connection to ${url.origin} was lost.`, { cause })
  try {
    renewTimeout()
    const response = await fetch(url, {
      headers: {
        ...(await headers()),
        accept: 'text/event-stream',
        ...(after === undefined ? {} : { 'last-event-id': after }),
      },
      redirect: 'manual',
      signal: end.signal,
    }).catch((cause: unknown) => Promise.reject(lost(cause)))
    refuseRedirect(url.origin, response)
    if (response.status !== 200 || response.body === null || !isStream(response)) {
      const text = await readText(response, url.origin, renewTimeout).catch((cause: unknown) =>
        Promise.reject(lost(cause)),
      )
      const { status, headers: received } = response
      throw errorOfAnswer({ origin: url.origin, status, headers: received, text }, 'UNKNOWN_LIVE_QUERY')
    }
    const parser = new EventParser()
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    try {
      for (;;) {
        const piece = await reader.read().catch((cause: unknown) => Promise.reject(lost(cause)))
        if (piece.done) return
        renewTimeout()
        for (const event of parser.push(decoder.decode(piece.value, { stream: true })))
          yield liveChange(url.origin, event)
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

function isStream({ headers }: Response): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true
}
