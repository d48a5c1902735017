// The receiver of the reminders: records each with its idempotency key, and sometimes loses its answer or returns 503.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventName, type Performed } from '@tidings/testing/rig'
import type { Random } from 'tidings/ports'
import { ReminderSent } from './reminders/contract.ts'

/** A running sink. */
export interface Sink {
  readonly url: string
  /** Every reminder that reached it, repetitions too. */
  readonly performed: readonly Performed[]
  close(): Promise<void>
}

const bodyBytesMax = 10_000

/** Opens a sink on the loopback interface. */
export async function openSink(random: Random): Promise<Sink> {
  const performed: Performed[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      if (text.length < bodyBytesMax) text += chunk.toString('utf8')
    })
    request.on('end', () => {
      if (random.next() < 0.03) return response.writeHead(503).end()
      const { orderId } = JSON.parse(text) as { readonly orderId: string }
      const idempotencyKey = String(request.headers['idempotency-key'])
      performed.push({ outcome: eventName(ReminderSent.name, orderId), idempotencyKey })
      if (random.next() < 0.05) return request.socket.destroy()
      return response.writeHead(204).end()
    })
    request.on('error', () => {})
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/reminders`,
    performed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
