// Measures a process that gets twice as many commands as it can handle: what is refused, how long what is accepted takes, how late its
// subscriber hears of it, and whether its memory grows.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { makeFolder, removeFolder } from './harness/folders.ts'
import { httpLoad } from './harness/http-load.ts'
import type { OverloadSample } from './harness/overload-process.ts'
import { percentile } from './harness/timing.ts'

/** Options of the measurement. */
export interface OverloadOptions {
  readonly durationMs: number
  readonly connectionCount: number
  /** How many times the capacity is sent. */
  readonly factor: number
  /** Work that each command does on the thread, in milliseconds. */
  readonly workMs: number
}

const capacityMs = 8_000
const mebibytes = (bytes: number) => Math.round(bytes / 1_048_576)

/** Measures and prints. */
export async function measureOverload(options: OverloadOptions): Promise<void> {
  const { durationMs, connectionCount, factor, workMs } = options
  const folder = makeFolder()
  const child = fork(new URL('harness/overload-process.ts', import.meta.url), [folder, String(workMs)])
  const samples: OverloadSample[] = []
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }]
  child.on('message', ({ sample }: { readonly sample?: OverloadSample }) => sample && samples.push(sample))
  const run = `r${Date.now()}`
  const request = (prefix: string) => (number: number) => ({
    path: '/orders/commands/place-order',
    body: JSON.stringify({ orderId: `${run}${prefix}${number}`, customerId: 'c1', cents: 100 }),
  })
  const warm = {
    url,
    request: request('w'),
    connectionCount: 16,
    perSecond: Number.POSITIVE_INFINITY,
    durationMs: 3_000,
  }
  await httpLoad(warm)
  const calm = await httpLoad({ ...warm, request: request('c'), durationMs: capacityMs })
  const capacity = (calm.answers['200'] ?? 0) / (calm.elapsedMs / 1_000)
  const calmP99 = percentile(calm.acceptedMs, 99)
  samples.length = 0
  const result = await httpLoad({
    url,
    request: request('o'),
    connectionCount,
    perSecond: factor * capacity,
    durationMs,
  })
  const { answers, acceptedMs, refusedMs, elapsedMs, sent, resets, bareRefusals } = result
  const during = samples.slice(1)
  child.send('end')
  await once(child, 'exit')
  removeFolder(folder)
  const rss = during.map(({ residentBytes }) => mebibytes(residentBytes))
  const [first = 0] = rss
  const third = (index: number) => Math.max(...rss.slice((index * rss.length) / 3, ((index + 1) * rss.length) / 3))
  console.log(
    `capacity ${capacity.toFixed(0)}/s with 16 connections (p99 ${calmP99.toFixed(1)} ms); sent ${(sent / (elapsedMs / 1_000)).toFixed(0)}/s over ${connectionCount} connections for ${(elapsedMs / 1_000).toFixed(0)} s`,
  )
  console.log(
    `answers ${JSON.stringify(answers)}, accepted ${((answers['200'] ?? 0) / (elapsedMs / 1_000)).toFixed(0)}/s, refused without reason ${bareRefusals}, resets ${resets}`,
  )
  console.log(
    `accepted: p50 ${percentile(acceptedMs, 50).toFixed(0)} ms, p99 ${percentile(acceptedMs, 99).toFixed(0)} ms, max ${Math.max(...acceptedMs.slice(-100_000)).toFixed(0)} ms; refused: p50 ${percentile(refusedMs, 50).toFixed(0)} ms, p99 ${percentile(refusedMs, 99).toFixed(0)} ms`,
  )
  const lags = during.map(({ lagP99 }) => lagP99)
  console.log(
    `lag (99th percentile of each second): p50 ${percentile(lags, 50).toFixed(0)} ms, p99 ${percentile(lags, 99).toFixed(0)} ms, behind at most ${Math.max(...during.map(({ behind }) => behind))}`,
  )
  console.log(`memory: ${first} MiB at first, at most ${third(0)}, ${third(1)}, ${third(2)} MiB in each third`)
}
