// Reads the stream of a live query over a real connection, event after event, as a browser does.

import { EventParser, type SentEvent } from '@tidings/http/wire'
import { onTestFinished } from 'vitest'

/** An open stream. */
export interface LiveStream {
  readonly response: Response
  /** The next event; `undefined` if the stream has ended. */
  next(): Promise<SentEvent | undefined>
  /** The next piece of text as it arrived. */
  piece(): Promise<string | undefined>
  /** Cuts the connection. */
  cut(): void
}

/** The address of a live query. */
export function liveUrl(url: string, name: string, input: unknown, more = ''): string {
  return `${url}/rooms/live/${name}?input=${encodeURIComponent(JSON.stringify(input))}${more}`
}

/** Opens a stream. */
export async function openStream(url: string, headers: Readonly<Record<string, string>> = {}): Promise<LiveStream> {
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  const response = await fetch(url, { headers, signal: abort.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const parser = new EventParser()
  const events: SentEvent[] = []
  const piece = async () => (await reader?.read())?.value
  return {
    response,
    piece,
    next: async () => {
      while (events.length === 0) {
        const text = await piece()
        if (text === undefined) return undefined
        events.push(...parser.push(text))
      }
      return events.shift()
    },
    cut: () => abort.abort(),
  }
}
