// The process whose memory is measured: places orders, 100 at a time and never far ahead of the one subscriber, and sends samples.

import { makeOrder } from '../orders.ts'
import { openPipeline } from '../tidings/pipeline.ts'

/** The memory of the process after a full collection, in bytes. */
export interface Sample {
  readonly handled: number
  readonly heap: number
  readonly external: number
  readonly resident: number
  /** Events handled in a second since the last sample. */
  readonly perSecond: number
}

const atOnce = 100
const backlogMax = 2_000
const sampleCount = 20

const [folder = '', count = ''] = process.argv.slice(2)
const eventCount = Number(count)
const everyCount = Math.ceil(eventCount / sampleCount / atOnce) * atOnce

let handled = 0
const pipeline = await openPipeline(
  { folder, durability: 'process-crash' },
  {
    handled: () => {
      handled += 1
    },
  },
)
let sampledAt = performance.now()
for (let sent = 0; sent < eventCount; ) {
  await Promise.all(Array.from({ length: atOnce }, (_, index) => pipeline.placeOrder(makeOrder(sent + index))))
  sent += atOnce
  while (sent - handled > backlogMax) await new Promise<void>((resolve) => setImmediate(resolve))
  if (sent % everyCount === 0 || sent >= eventCount) await sample()
}
await pipeline.close()
process.disconnect()

async function sample(): Promise<void> {
  await pipeline.settled()
  const elapsedMs = performance.now() - sampledAt
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  const taken: Sample = {
    handled,
    heap: heapUsed,
    external,
    resident: rss,
    perSecond: (everyCount / elapsedMs) * 1_000,
  }
  process.send?.(taken)
  sampledAt = performance.now()
}
