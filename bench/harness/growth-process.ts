// The process whose history grows: it places orders and appends facts until there are as many as the next size says, then measures everything
// at that size, and goes on. What it measures, it does in small amounts, so that the size hardly changes meanwhile.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { causalTree, deliveriesOf, eventsOfConversation } from 'tidings/operations'
import { makeOrder } from '../orders.ts'
import { openLedger } from '../tidings/ledger.ts'
import { openPipeline } from '../tidings/pipeline.ts'
import type { Place } from '../work.ts'
import { Counter } from './counter.ts'
import { spent } from './cpu.ts'

/** What was measured at one size. All but the memory are CPU times, which other load on the machine hardly changes. */
export interface GrowthSample {
  /** Events of the event log, and facts of the streams. */
  readonly events: number
  readonly commandMicros: number
  readonly deliveryMicros: number
  /** Of a fact that is appended alone, and projected. */
  readonly appendMicros: number
  /** Of one event that is projected again. */
  readonly rebuildMicros: number
  /** From opening two services until the first command is answered. */
  readonly startMillis: number
  /** Of the conversation of one event anywhere in the history, with its deliveries. */
  readonly whyMicros: number
  /** Heap and external memory after two full collections. */
  readonly memoryBytes: number
}

const atOnce = 100
const backlogMax = 10_000
const measuredCount = 4_000
const whyCount = 200
const factsOfStream = 100

const [folder = '', sizeTexts = ''] = process.argv.slice(2)
const sizes = sizeTexts.split(',').map(Number)
const placeOf = (name: string): Place => {
  const place = { folder: path.join(folder, name), durability: 'process-crash' } as const
  mkdirSync(place.folder, { recursive: true })
  return place
}
const [ordersPlace, ledgerPlace] = [placeOf('orders'), placeOf('ledger')]
const handled = new Counter()
const openBoth = () => openPipeline(ordersPlace, { handled: handled.add })
type Pipeline = Awaited<ReturnType<typeof openBoth>>

let placed = 0
let facts = 0
const ids: string[] = []

for (const [index, size] of sizes.entries()) {
  await grow(size)
  // The first time, code is compiled meanwhile.
  if (index === 0) await measure()
  const sample = await measure()
  process.send?.({ ...sample, events: size } satisfies GrowthSample)
}
process.disconnect()

async function placeMany(pipeline: Pipeline, count: number): Promise<number> {
  for (let done = 0; done < count; done += atOnce)
    await Promise.all(Array.from({ length: atOnce }, () => pipeline.placeOrder(makeOrder(placed++))))
  return count
}

/** Places orders and appends facts until there are so many of each. */
async function grow(size: number): Promise<void> {
  const pipeline = await openBoth()
  const before = placed - handled.count
  while (placed < size) {
    await placeMany(pipeline, Math.min(1_000, size - placed))
    await handled.atLeast(placed - before - backlogMax)
  }
  await pipeline.settled()
  await pipeline.close()
  const ledger = await openLedger(ledgerPlace, { projection: true })
  for (; facts < size; facts += factsOfStream) {
    const list = Array.from({ length: factsOfStream }, (_, index) => makeOrder(facts + index))
    await ledger.append(`order-${facts / factsOfStream}`, 0, list)
  }
  await ledger.settled()
  await ledger.close()
}

async function measure(): Promise<Omit<GrowthSample, 'events'>> {
  const start = await spent(async () => {
    const pipeline = await openBoth()
    await pipeline.placeOrder(makeOrder(placed++))
    await pipeline.settled()
    await pipeline.close()
    return 1
  })
  const whyMicros = await measureWhy()
  const alone = await openPipeline(ordersPlace, { services: ['orders'] })
  const commands = await spent(() => placeMany(alone, measuredCount))
  await alone.close()
  const catchUp = await spent(async () => {
    const pipeline = await openBoth()
    await pipeline.settled()
    await pipeline.close()
    return measuredCount
  })
  return {
    commandMicros: commands.cpuMicros / measuredCount,
    deliveryMicros: Math.max(0, catchUp.cpuMicros - start.cpuMicros) / measuredCount,
    startMillis: start.cpuMicros / 1_000,
    whyMicros,
    ...(await measureLedger()),
  }
}

async function measureLedger() {
  const ledger = await openLedger(ledgerPlace, { projection: true })
  const streams = facts / factsOfStream
  const appends = await spent(async () => {
    for (let index = 0; index < measuredCount; index++)
      await ledger.append(`new-${streams}-${index}`, 0, [makeOrder(index)])
    return measuredCount
  })
  await ledger.settled()
  const rebuild = await spent(async () => {
    await ledger.rebuild()
    return facts
  })
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  await ledger.close()
  return {
    appendMicros: appends.cpuMicros / measuredCount,
    rebuildMicros: rebuild.cpuMicros / facts,
    memoryBytes: heapUsed + external,
  }
}

/** Looks up the conversations of events all over the history. */
async function measureWhy(): Promise<number> {
  const pipeline = await openBoth()
  while (ids.length < whyCount) {
    const [event] = await pipeline.find({ key: `order-${ids.length * 40}` }, 1)
    ids.push(event?.id ?? '')
  }
  const services = [...pipeline.services.values()]
  const { cpuMicros } = await spent(async () => {
    for (const id of ids) {
      const [event] = await pipeline.find({ id }, 1)
      const correlationId = event?.correlationId ?? ''
      const events = (await Promise.all(services.map((each) => eventsOfConversation(each, correlationId)))).flat()
      const accounts = (await Promise.all(services.map((each) => deliveriesOf(each, events)))).flat()
      const { eventCount } = causalTree(correlationId, events, accounts)
      if (eventCount !== 2) throw new Error(`The conversation of ${id} has ${eventCount} events, not 2.`)
    }
    return ids.length
  })
  await pipeline.close()
  return cpuMicros / ids.length
}
