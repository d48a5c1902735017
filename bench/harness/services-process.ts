// A process with a number of services: how long they take to start, what they use when nothing happens, and what gets through them.

import { readdirSync } from 'node:fs'
import { openRing } from '../tidings/ring.ts'
import type { Place } from '../work.ts'
import { spent } from './cpu.ts'

/** What a process with some services has shown. */
export interface ServicesFigures {
  /** From opening the first until a command of the last is answered. */
  readonly startMs: number
  /** Open files of one service; `null` where they cannot be counted. */
  readonly filesEach: number | null
  readonly residentBytes: number
  /** While nothing happens. */
  readonly idlePercent: number
  readonly perSecond: number
  /** CPU time of one command and its event. */
  readonly cpuMicros: number
}

const idleMs = 3_000
const commandCount = 8_000
const warmUpCount = 2_000
const atOnce = 100

const { place, count } = JSON.parse(process.argv[2] ?? '{}') as { readonly place: Place; readonly count: number }

const filesBefore = openFiles()
const residentBefore = process.memoryUsage.rss()
const begin = performance.now()
const services = await openRing(place, count)
await services.note(count - 1, 0)
const startMs = performance.now() - begin

let number = 1
async function send(commands: number): Promise<number> {
  for (const until = number + commands; number < until; )
    await Promise.all(Array.from({ length: atOnce }, () => services.note(number, number++)))
  await services.settled()
  return commands
}

await send(warmUpCount)
const filesNow = openFiles()
const flow = await spent(() => send(commandCount))
await new Promise((resolve) => setTimeout(resolve, 1_000))
const idle = await spent(async () => {
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  return 1
})
const figures: ServicesFigures = {
  startMs,
  filesEach: filesNow === null || filesBefore === null ? null : (filesNow - filesBefore) / count,
  residentBytes: process.memoryUsage.rss() - residentBefore,
  idlePercent: (idle.cpuMicros / 1_000 / idle.wallMs) * 100,
  perSecond: (flow.count / flow.wallMs) * 1_000,
  cpuMicros: flow.cpuMicros / flow.count,
}
process.send?.(figures)
await services.close()
process.disconnect()

function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
