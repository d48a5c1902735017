// The readers' process: one socket per reader for server-sent events, and one more connection for the posts. Sending and arrival are both
// timed with this process's clock, so no clocks have to be compared.

import { Agent, request } from 'node:http'
import { makeMessage } from '../chat.ts'
import { atPace } from './at-pace.ts'
import type { Posting, Reading } from './live-readers.ts'
import { SentAtScanner } from './sent-at-scanner.ts'
import { wallClock } from './timing.ts'

const { liveUrl, postUrl, readerCount } = JSON.parse(process.argv[2] ?? '{}') as Reading

/** How many readers connect at the same time. */
const connectAtOnce = 50

let now = wallClock()
let sent = 0
let arrived: (sentAt: number) => void = () => {}
const poster = new Agent({ keepAlive: true })

for (let opened = 0; opened < readerCount; opened += connectAtOnce)
  await Promise.all(Array.from({ length: Math.min(connectAtOnce, readerCount - opened) }, read))
process.on('message', async (posting: Posting) => process.send?.(await round(posting)))
process.on('disconnect', () => process.exit())
process.send?.(new Float64Array())

/** Opens one reader; resolves when it has its first snapshot. */
function read(): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(liveUrl, { agent: false, headers: { accept: 'text/event-stream' } }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`A reader got status ${response.statusCode}.`))
      const scanner = new SentAtScanner()
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        const { snapshots, puts } = scanner.push(piece)
        if (snapshots > 0) resolve()
        for (const sentAt of puts) arrived(sentAt)
      })
      // A reader that loses its connection misses posts, and the round would wait for them for ever.
      response.on('close', () => process.exit(1))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** Posts at a steady rate and waits until every post has arrived at every reader. */
async function round({ count, everyMs }: Posting): Promise<Float64Array> {
  now = wallClock()
  const latencies = new Float64Array(count * readerCount)
  let filled = 0
  const all = Promise.withResolvers<void>()
  arrived = (sentAt) => {
    latencies[filled++] = now() - sentAt
    if (filled === latencies.length) all.resolve()
  }
  await atPace(count, everyMs, () => post(JSON.stringify(makeMessage(sent++, now()))))
  await all.promise
  return latencies
}

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const outgoing = request(postUrl, { method: 'POST', agent: poster, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`A post got status ${response.statusCode}.`))
      response.resume().once('end', resolve)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
