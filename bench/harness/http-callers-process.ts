// The process that sends commands over HTTP, so that its work is not the server's. It answers each round with what came back.

import { makeOrder } from '../orders.ts'
import type { Calling, CallsRound } from './http-callers.ts'
import { httpLoad } from './http-load.ts'

const { url, path, connectionCount } = JSON.parse(process.argv[2] ?? '{}') as Calling
let sent = 0

process.on('message', async (durationMs: number) => {
  const request = (number: number) => ({ path, body: JSON.stringify(makeOrder(sent + number)) })
  const result = await httpLoad({ url, request, connectionCount, perSecond: Number.POSITIVE_INFINITY, durationMs })
  sent += result.sent
  const answered = result.answers['200'] ?? 0
  process.send?.({ answered, failed: result.sent - answered } satisfies CallsRound)
})
process.on('disconnect', () => process.exit())
process.send?.({ answered: 0, failed: 0 } satisfies CallsRound)
