// Answers are written to Node's response as they are: through a web `Response` each would cost as much again as the command it answers.

import type { ServerResponse } from 'node:http'
import type { Answer, StreamSink } from '@tidings/http/host'

/** Writes an answer; a stream goes on after this has returned. */
export function writeAnswer(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const isStream = typeof body === 'object' && body !== null
  // The caller may have gone away: then there is nobody to answer.
  if (outgoing.headersSent || outgoing.destroyed) {
    if (isStream) body.cancel()
  } else if (isStream) {
    outgoing.writeHead(status, headers)
    outgoing.once('close', () => body.cancel())
    body.start(new ResponseSink(outgoing))
  } else if (typeof body === 'string') {
    outgoing.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
    outgoing.end(body)
  } else {
    outgoing.writeHead(status, headers)
    outgoing.end()
  }
}

/** A sink over a response. */
class ResponseSink implements StreamSink {
  readonly #outgoing: ServerResponse

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing
  }

  get isFull(): boolean {
    return this.#outgoing.writableNeedDrain
  }

  write(bytes: Uint8Array): boolean {
    return this.#outgoing.writableEnded || this.#outgoing.destroyed || this.#outgoing.write(bytes)
  }

  drained(): Promise<void> {
    const outgoing = this.#outgoing
    return new Promise((resolve) => {
      const settle = () => {
        outgoing.off('drain', settle)
        outgoing.off('close', settle)
        resolve()
      }
      outgoing.once('drain', settle)
      outgoing.once('close', settle)
      if (outgoing.destroyed || !outgoing.writableNeedDrain) settle()
    })
  }

  end(): void {
    this.#outgoing.end()
  }

  destroy(): void {
    this.#outgoing.destroy()
  }
}
