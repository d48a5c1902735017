// Writes answers directly to Node's response. A web `Response` in between would cost as much as the command itself.

import type { ServerResponse } from 'node:http'
import type { Answer, StreamSink } from '@tidings/http/host'

/** Writes an answer; a stream goes on after this returns. */
export function writeAnswer(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const isStream = typeof body === 'object' && body !== null
  // The caller may have gone away.
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

/** The `Buffer` of bytes, made once even if a thousand readers are sent the same bytes. */
const buffers = new WeakMap<Uint8Array, Buffer>()

function bufferOf(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes
  const known = buffers.get(bytes)
  if (known !== undefined) return known
  const made = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  buffers.set(bytes, made)
  return made
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
    return this.#outgoing.writableEnded || this.#outgoing.destroyed || this.#outgoing.write(bufferOf(bytes))
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
