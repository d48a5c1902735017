// Answers health probes. It runs in the watchdog thread, so it answers although the main thread is blocked. Invariant: it tells no names and no data, only
// words of a fixed list, and whoever asks, however often, gets no more than that.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { HealthOptions } from './health-options.ts'

/** What answers are made from. */
export interface Probes {
  /** Why the process is not live; nothing if it is. */
  notLive(): readonly string[]
  /** Why it should get no requests; nothing if it is ready. */
  notReady(): Promise<readonly string[]>
}

/** A probe that sends more than a request line and a few headers is none. */
const limits = { maxHeaderSize: 8_192, headersTimeout: 2_000, requestTimeout: 2_000, connectionsCheckingInterval: 500 }
/** The most connections; further ones are closed. */
const connectionsMax = 64

/** A server that listens. */
export interface ProbeServer {
  readonly port: number
  close(): Promise<void>
}

/** Listens; rejects with the error of the socket. */
export function answerProbes(where: Required<HealthOptions>, probes: Probes): Promise<ProbeServer> {
  const server = createServer({ ...limits, keepAliveTimeout: 1, requireHostHeader: false }, (request, response) => {
    void answer(request, response, probes).catch(() => response.destroy())
  })
  server.maxConnections = connectionsMax
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where.port, where.host, () => {
      server.off('error', reject)
      server.on('error', () => {})
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : where.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            server.closeAllConnections()
          }),
      })
    })
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, probes: Probes): Promise<void> {
  const [path] = (request.url ?? '').split('?', 1)
  if (path !== '/livez' && path !== '/readyz') return send(response, 404, 'not found')
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(response, 405, 'method not allowed')
  }
  const missing = path === '/livez' ? probes.notLive() : await probes.notReady()
  if (missing.length === 0) send(response, 200, 'ok')
  else send(response, 503, missing.join(' '))
}

function send(response: ServerResponse, status: number, text: string): void {
  // A connection for each probe: one that is kept would hold up the end of the process.
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store', connection: 'close' })
  response.end(`${text}\n`)
}
