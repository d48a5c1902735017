// An HTTP server with limits on connections and time. Closing it lets requests in progress finish.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { HttpEndpoint } from '@tidings/http'
import { isLoopback, refusedRequest, StreamPlaces, toResponse } from '@tidings/http/host'
import { TidingsError } from 'tidings'
import { answerBrokenRequests, brokenRequest, refuseRequest } from './broken-requests.ts'
import { NodeConnection } from './node-connection.ts'
import { writeAnswer } from './write-answer.ts'

/** Where a server listens, and its limits. */
export interface ListenOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly connectionCountMax: number
  /** The most connections of one address; requests of further ones are refused. */
  readonly connectionCountPerAddressMax: number
  /** Whether connections of this machine itself count as those of one address. Default: they do not. */
  readonly loopbackCounts?: boolean
  readonly requestTimeoutMs: number
  readonly drainTimeoutMs: number
}

/** A listening server. */
export interface Listening {
  /** Its URL: `http://127.0.0.1:4747`. */
  readonly url: string
  readonly port: number
  /** Refuses new requests, waits up to `drainTimeoutMs` for those in progress, then closes all connections. Safe to call twice. */
  close(): Promise<void>
}

/** The endpoint that answers the requests. */
export type ListenEndpoint = Pick<HttpEndpoint<NodeConnection>, 'answer'>

const keepAliveTimeoutMs = 15_000
const headersTimeoutMs = 10_000
const idleCheckMs = 20
/** The most connections beyond the limit whose request is still answered, with a 503; further ones are cut off. */
const refusedCountMax = 256
/** How long such a connection may take to send its request, in milliseconds. */
const refusedMs = 2_000
const tooMany = 'The server, or your address, has as many connections as it may have.'

/** Listens; throws `CONFIG_INVALID` if the port is in use or the address cannot be used. */
export async function listen(endpoint: ListenEndpoint, options: ListenOptions): Promise<Listening> {
  const refused = new WeakSet<Duplex>()
  const server = serverOf(endpoint, options, refused)
  server.maxConnections = options.connectionCountMax + refusedCountMax
  const sockets = new Set<Socket>()
  const places = new StreamPlaces(options.connectionCountPerAddressMax)
  server.on('connection', (socket) => {
    const leave = sockets.size < options.connectionCountMax ? placeOf(places, options, socket) : undefined
    if (leave === undefined) {
      refuseConnection(refused, socket)
      return
    }
    sockets.add(socket)
    socket.once('close', leave)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(options, cause)))
    server.listen({ port: options.port, host: options.host, backlog: options.connectionCountMax }, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const shown = options.host.includes(':') ? `[${options.host}]` : options.host
  let closing: Promise<void> | undefined
  return {
    url: `http://${shown}:${port}`,
    port,
    close: () => {
      closing ??= close(server, sockets, options.drainTimeoutMs)
      return closing
    },
  }
}

// Its request is answered, because a connection that is cut off tells its caller nothing.
function refuseConnection(refused: WeakSet<Duplex>, socket: Socket): void {
  refused.add(socket)
  const cutOff = setTimeout(() => socket.destroy(), refusedMs)
  socket.once('close', () => clearTimeout(cutOff))
}

// This machine is no one caller: a proxy on it, or a test, calls for many.
function placeOf(
  places: StreamPlaces,
  { loopbackCounts = false }: ListenOptions,
  { remoteAddress = '' }: Socket,
): (() => void) | undefined {
  try {
    const isCounted = loopbackCounts || !isLoopback(remoteAddress.replace(/^::ffff:/, ''))
    return places.take(isCounted ? remoteAddress : undefined)
  } catch {
    return undefined
  }
}

function serverOf(endpoint: ListenEndpoint, options: ListenOptions, refused: WeakSet<Duplex>): Server {
  // Requests are lazy: only the parts that are read are created.
  const listener = getRequestListener(
    async (request: Request, env: unknown) => {
      const { incoming, outgoing } = env as HttpBindings & { outgoing: ServerResponse }
      writeAnswer(outgoing, await endpoint.answer(request, new NodeConnection(incoming, outgoing)))
      return RESPONSE_ALREADY_SENT
    },
    {
      // Leaves the globals of the process as they are.
      overrideGlobalObjects: false,
      errorHandler: () => toResponse(refusedRequest('request-invalid', 'The target of the request is not valid.')),
    },
  )
  const inProgress = new WeakMap<Duplex, { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }>()
  const server = createServer(
    {
      requestTimeout: options.requestTimeoutMs,
      headersTimeout: Math.min(headersTimeoutMs, options.requestTimeoutMs),
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, options.requestTimeoutMs),
      maxHeaderSize: 16_384,
      // Checked by `brokenRequest`, which answers with a problem.
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      inProgress.set(incoming.socket, { incoming, outgoing })
      const why = brokenRequest(incoming)
      if (refused.has(incoming.socket)) refuseRequest(outgoing, 'too-many-connections', tooMany)
      else if (why === undefined) void listener(incoming, outgoing)
      else refuseRequest(outgoing, 'request-invalid', why)
    },
  )
  answerBrokenRequests(server, (socket) => inProgress.get(socket))
  return server
}

async function close(server: Server, sockets: ReadonlySet<Socket>, drainTimeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  // Without this, keep-alive would hold connections open after their last response.
  const idle = setInterval(() => {
    server.closeIdleConnections()
    // Browsers open connections before they need them; Node does not count those as idle.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }, idleCheckMs)
  const cutOff = setTimeout(() => server.closeAllConnections(), drainTimeoutMs)
  await closed
  clearInterval(idle)
  clearTimeout(cutOff)
}

function cannotListen({ host, port }: ListenOptions, cause: NodeJS.ErrnoException): TidingsError {
  const inUse = cause.code === 'EADDRINUSE'
  const message = inUse
    ? `Port ${port} of ${host} is in use.`
    : `The server cannot listen on ${host}:${port}: ${cause.message}.`
  return new TidingsError('CONFIG_INVALID', message, {
    cause,
    hint: inUse
      ? 'Stop the other process, or choose another port (`--port`, or `http.port` in the configuration; 0 takes any free port).'
      : 'Correct `http.host` and `http.port`.',
  })
}
