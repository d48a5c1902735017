// Writes answers directly to Node's response. A web `Response` in between would cost as much as the command itself.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
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

/** The most bytes that are copied to become a chunk; more are written as Node does it, in three pieces. */
const chunkBytesMax = 65_536
const lineEnd = Buffer.from('\r\n')

/** The latest bytes and their chunk: a thousand readers are sent the same one. */
let latest: { readonly bytes: Uint8Array; readonly chunk: Buffer } | undefined

function chunkOf(bytes: Uint8Array): Buffer {
  if (latest?.bytes === bytes) return latest.chunk
  const length = Buffer.from(`${bytes.byteLength.toString(16)}\r\n`)
  const chunk = Buffer.concat([length, bytes, lineEnd])
  latest = { bytes, chunk }
  return chunk
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * A sink over a response. Once its head is on its way, it writes whole chunks to the connection: Node's response would make three pieces of each, wait for
 * the next tick with all of them, and join them again.
 */
class ResponseSink implements StreamSink {
  readonly #outgoing: ServerResponse
  /** The connection, once nothing of the response waits in front of it. */
  #socket: Socket | undefined

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing
  }

  get isFull(): boolean {
    return this.#outgoing.writableNeedDrain || this.#socket?.writableNeedDrain === true
  }

  write(bytes: Uint8Array): boolean {
    const outgoing = this.#outgoing
    if (outgoing.writableEnded || outgoing.destroyed) return true
    const socket = this.#socket
    if (socket?.writable === true && bytes.byteLength <= chunkBytesMax && bytes.byteLength > 0)
      return socket.write(chunkOf(bytes))
    const hasRoom = outgoing.write(bufferOf(bytes))
    this.#socket ??= connectionOf(outgoing)
    return hasRoom
  }

  drained(): Promise<void> {
    const outgoing = this.#outgoing
    const socket = this.#socket
    return new Promise((resolve) => {
      const settle = () => {
        if (this.isFull && !outgoing.destroyed) return
        outgoing.off('drain', settle)
        outgoing.off('close', settle)
        socket?.off('drain', settle)
        resolve()
      }
      outgoing.on('drain', settle)
      outgoing.on('close', settle)
      socket?.on('drain', settle)
      settle()
    })
  }

  end(): void {
    this.#outgoing.end()
  }

  destroy(): void {
    this.#outgoing.destroy()
  }
}

// A response has its connection once the earlier answers of that connection have ended. One to HTTP/1.0 is not sent in chunks.
function connectionOf({ socket, chunkedEncoding }: ServerResponse): Socket | undefined {
  return socket !== null && chunkedEncoding ? socket : undefined
}
