// One run of the rig: the shop in processes under load, faults, then rest, then the verdict. Whatever happens, what was started is ended.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  CrashOrders,
  type CrashPoint,
  type FaultCounts,
  Faults,
  judge,
  pointsOf,
  type Verdict,
} from '@tidings/testing/rig'
import { createSeededRandom } from 'tidings/memory'
import { variantVariable } from './broken.ts'
import { judgeTotals, readHistories, readModels } from './evidence.ts'
import { expectationsOf, Ledger } from './ledger.ts'
import { runLoad } from './load.ts'
import { sinkVariable } from './reminders/send-reminder.ts'
import { RunningSystem } from './running-system.ts'
import { rigServices } from './services.ts'
import { settle } from './settle.ts'
import { openSink } from './sink.ts'

/** How a run goes. */
export interface RigOptions {
  readonly seed: number
  /** How long faults are loose, in milliseconds. */
  readonly faultMs: number
  /** A folder for everything; made where there is none. */
  readonly folder: string
  /** Commands a second. Default: 60. */
  readonly stepsPerSecond?: number
  /** The pause between two faults, in milliseconds. Default: 200 to 900. */
  readonly pauseMs?: readonly [number, number]
  /** A way in which the shop is broken on purpose. Default: none. */
  readonly variant?: string
  /** Told once a second how it goes. */
  readonly onLook?: (look: Look) => void
  /** Ends the faults early. */
  readonly signal?: AbortSignal
}

/** How a run stands. */
export interface Look {
  readonly phase: string
  readonly elapsedMs: number
  readonly commands: number
  readonly answered: number
  readonly performed: number
  readonly up: number
  readonly faults: FaultCounts
  readonly crashes: number
  readonly missing: readonly CrashPoint[]
}

/** What a run came to. */
export interface RigReport {
  readonly seed: number
  readonly durationMs: number
  readonly commands: {
    readonly sent: number
    readonly answered: number
    readonly unanswered: number
    readonly repeated: number
  }
  readonly events: number
  readonly effects: { readonly asked: number; readonly distinct: number }
  readonly faults: FaultCounts
  /** How often each crash point was hit. */
  readonly crashes: Readonly<Record<string, number>>
  /** Crash points that were never hit: the run says nothing about them, and fails. */
  readonly neverHit: readonly CrashPoint[]
  readonly verdict: Verdict
}

/** The longest that faults go on for points that were not hit yet, and that answers and rest may take after them, in milliseconds. */
const patience = { missingMs: 25_000, answerMs: 45_000, settleMs: 60_000 } as const

/** Runs the rig once. */
export async function runRig(options: RigOptions): Promise<RigReport> {
  const { seed, folder, variant, onLook } = options
  const startedAt = performance.now()
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const ledger = new Ledger(join(folder, 'ledger.jsonl'))
  const sink = await openSink(createSeededRandom(seed + 1))
  const environment = { [sinkVariable]: sink.url, ...(variant === undefined ? {} : { [variantVariable]: variant }) }
  const system = new RunningSystem({ data, environment })
  const orders = new CrashOrders(join(data, 'crashes'))
  const points = rigServices.flatMap((service) => pointsOf(service, { relay: false }))
  const faults = new Faults({
    random: createSeededRandom(seed),
    victims: () => system.victims,
    killWhole: () => system.kill(),
    orders,
    points,
    pauseMs: options.pauseMs ?? [200, 900],
  })
  const ending = new AbortController()
  const givenUp = new AbortController()
  let phase = 'starting'
  const tell = () =>
    onLook?.({
      phase,
      elapsedMs: performance.now() - startedAt,
      commands: ledger.entries.size,
      answered: ledger.answered,
      performed: sink.performed.length,
      up: system.victims.size,
      faults: faults.counts,
      crashes: orders.hits().length,
      missing: faults.missing(),
    })
  const telling = setInterval(tell, 1_000)
  try {
    await system.start()
    phase = 'faults'
    const load = runLoad({
      services: rigServices,
      running: system,
      ledger,
      random: createSeededRandom(seed + 2),
      seed,
      stepsPerSecond: options.stepsPerSecond ?? 60,
      ending: ending.signal,
      givenUp: givenUp.signal,
    })
    const failing = load.then(() => {})
    faults.start()
    await Promise.race([failing, untilOver(options.faultMs, options.signal)])
    faults.onlyMissing()
    phase = 'missing points'
    const missingUntil = performance.now() + patience.missingMs
    while (faults.missing().length > 0 && performance.now() < missingUntil && options.signal?.aborted !== true)
      await Promise.race([failing, pause(100)])
    await faults.stop()
    phase = 'answers'
    ending.abort()
    const late = setTimeout(() => givenUp.abort(), patience.answerMs)
    await load
    clearTimeout(late)
    phase = 'settling'
    const stuck = givenUp.signal.aborted ? ['not every command was answered after the faults had ended'] : []
    stuck.push(...(await settle(rigServices, system, patience.settleMs)))
    phase = 'judging'
    const histories = await readHistories(rigServices, system)
    const { heard, totals } = await readModels(rigServices, system)
    const verdict = judge({
      expectations: expectationsOf(ledger.entries.values()),
      histories,
      heard,
      performed: sink.performed,
      stuck,
    })
    verdict.doubled.push(...ledger.contradictions)
    judgeTotals(totals, histories, verdict)
    const crashes = Object.fromEntries([...new Set(points.map(({ point }) => point))].map((point) => [point, 0]))
    for (const { point } of orders.hits()) crashes[point] = (crashes[point] ?? 0) + 1
    return {
      seed,
      durationMs: Math.round(performance.now() - startedAt),
      commands: {
        sent: ledger.entries.size,
        answered: ledger.answered,
        unanswered: ledger.entries.size - ledger.answered,
        repeated: ledger.repeated,
      },
      events: [...histories.values()].reduce((sum, events) => sum + events.length, 0),
      effects: {
        asked: sink.performed.length,
        distinct: new Set(sink.performed.map(({ idempotencyKey }) => idempotencyKey)).size,
      },
      faults: faults.counts,
      crashes,
      neverHit: faults.missing(),
      verdict,
    }
  } finally {
    clearInterval(telling)
    ending.abort()
    givenUp.abort()
    await faults.stop()
    await system.close()
    await sink.close()
    ledger.close()
  }
}

async function untilOver(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal })
  } catch {
    // Ended early.
  }
}
