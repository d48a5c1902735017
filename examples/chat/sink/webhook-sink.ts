// A webhook on the loopback interface that receives impulses and counts them by idempotency key: the same key twice is one delivery.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A running sink. */
export interface WebhookSink {
  readonly url: string
  /** The number of requests for each idempotency key. */
  readonly deliveries: ReadonlyMap<string, number>
  close(): Promise<void>
}

const bodyBytesMax = 65_536
/** The most keys that are remembered; the oldest are forgotten first. */
const keysMax = 100_000

/** Starts a sink on a free port. */
export async function startSink(): Promise<WebhookSink> {
  const deliveries = new Map<string, number>()
  const server = createServer((request, response) => {
    const key = request.headers['idempotency-key']
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bodyBytesMax) response.writeHead(413).end()
    })
    request.on('end', () => {
      if (response.writableEnded) return
      if (request.method !== 'POST' || typeof key !== 'string' || key === '') {
        response.writeHead(400).end()
        return
      }
      deliveries.set(key, (deliveries.get(key) ?? 0) + 1)
      const [oldest] = deliveries.keys()
      if (deliveries.size > keysMax && oldest !== undefined) deliveries.delete(oldest)
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/impulses`,
    deliveries,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
