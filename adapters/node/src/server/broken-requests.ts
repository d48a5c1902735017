// Answers the requests that no endpoint gets to see, as problem details: those that Node's parser refuses, and those that a proxy in front
// could read in another way.

import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Answer, type HttpErrorCode, refusedRequest } from '@tidings/http/host'
import { writeAnswer } from './write-answer.ts'

/** Why a request is refused before any endpoint sees it; `undefined` if it is not. */
export function brokenRequest({ rawHeaders, headers, url = '' }: IncomingMessage): string | undefined {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts !== 1) return hosts === 0 ? 'The request has no Host header.' : 'The request has more than one Host header.'
  if (url.startsWith('/')) return undefined
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return 'The target of the request is not a path.'
  const { host, username, password } = new URL(url)
  // A proxy may go by one of the two, and the checks of the host by the other.
  if (username !== '' || password !== '' || host !== withoutDefaultPort(url, headers.host ?? ''))
    return 'The target of the request has another host than its Host header.'
  return undefined
}

function withoutDefaultPort(url: string, host: string): string {
  const port = url.slice(0, 6).toLowerCase() === 'https:' ? ':443' : ':80'
  return host.toLowerCase().endsWith(port) ? host.toLowerCase().slice(0, -port.length) : host.toLowerCase()
}

/** Answers a refused request and closes its connection. */
export function refuseRequest(outgoing: ServerResponse, code: HttpErrorCode, detail: string): void {
  writeAnswer(outgoing, refusedRequest(code, detail))
}

/** Answers what Node's parser refuses. `inProgress` is the request that a connection's bytes belong to. */
export function answerBrokenRequests(
  server: Server,
  inProgress: (socket: Duplex) => { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse } | undefined,
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const current = inProgress(socket)
    const answering = current !== undefined && !current.outgoing.writableEnded
    // Bytes of ours would be read as a part of the answer that is on its way, or as the answer to an earlier request.
    if (!socket.writable || (answering && (current.outgoing.headersSent || current.incoming.complete))) socket.destroy()
    else endWith(socket, refusedRequest(...problemOfParser(error.code)))
  })
  server.on('checkExpectation', (_incoming, outgoing) =>
    refuseRequest(outgoing, 'expectation-failed', 'The request expects something that this server does not do.'),
  )
  server.on('connect', (_incoming, socket) =>
    endWith(socket, refusedRequest('request-invalid', 'This server is no proxy.')),
  )
}

function problemOfParser(code: string | undefined): [HttpErrorCode, string] {
  if (code === 'HPE_HEADER_OVERFLOW') return ['headers-too-large', 'The headers of the request are too large.']
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return ['request-too-large', 'The extensions of a chunk are too large.']
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['request-timeout', 'The request did not arrive in time.']
  return ['request-invalid', 'The request is not valid HTTP/1.1.']
}

/** How long a caller may take to read the answer and stop sending, in milliseconds. */
const lingerMs = 1_000

// Goes on reading for a moment: a connection that is closed with unread bytes is reset, and the caller may lose the answer.
function endWith(socket: Duplex, { status, headers, body }: Answer): void {
  const text = String(body ?? '')
  const lines = Object.entries({
    ...headers,
    date: new Date().toUTCString(),
    'content-length': Buffer.byteLength(text),
  })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const cutOff = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(cutOff))
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${text}`)
  socket.resume()
}
