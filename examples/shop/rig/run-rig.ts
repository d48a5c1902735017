// One run of the rig: the shop in processes, load and faults, then waiting until everything settles, then the verdict.
import { setTimeout as pause } from 'node:timers/promises'
import { type CrashPoint, type FaultCounts, type FaultKind, judge, type Reachable } from '@tidings/testing/rig'
import { createSeededRandom } from 'tidings/memory'
import { judgeTotals, readHistories, readModels } from './evidence.ts'
import { expectationsOf } from './ledger.ts'
import { runLoad } from './load.ts'
import { openRig, type Rig, type RigSettings } from './rig.ts'
import type { RigReport } from './rig-report.ts'
import { rigServices } from './services.ts'
import { settle } from './settle.ts'

/** Options of a run. */
export interface RigOptions extends RigSettings {
  /** How long to inject faults, in milliseconds. */
  readonly faultMs: number
  /** How much longer to inject faults until every crash point was hit and every kind came, in milliseconds. Default: 45,000. */
  readonly missingMs?: number
  /** After the last fault: how long to wait for the answers, and then until everything settles, in milliseconds each. Default: 60,000. */
  readonly settleMs?: number
  /** Commands per second. Default: 60. */
  readonly stepsPerSecond?: number
  /** Called once a second with the progress. */
  readonly onProgress?: (progress: Progress) => void
  /** Ends the faults early. */
  readonly signal?: AbortSignal
}

/** The progress of a run. */
export interface Progress {
  readonly phase: string
  readonly elapsedMs: number
  readonly sent: number
  readonly answered: number
  readonly performed: number
  /** The number of running services. */
  readonly up: number
  readonly faults: FaultCounts
  /** The crashes at crash points. */
  readonly crashes: readonly Reachable[]
  /** The crash points that were never hit, and the kinds of faults that never came. */
  readonly missing: readonly (CrashPoint | FaultKind)[]
}

const progressMs = 1_000

/** Runs the rig once. */
export async function runRig(options: RigOptions): Promise<RigReport> {
  const startedAt = performance.now()
  const rig = await openRig(options)
  let phase = 'starting'
  const enter = (next: string) => {
    phase = next
  }
  const report = () => options.onProgress?.(progressOf(rig, phase, performance.now() - startedAt))
  const reporting = setInterval(report, progressMs)
  try {
    await rig.system.start()
    const stuck = await runFaults(rig, options, enter)
    stuck.push(...rig.faults.endless)
    enter('settling')
    stuck.push(...(await settle(rigServices, rig.system, options.settleMs ?? 60_000)))
    enter('checking')
    return { ...(await judged(rig, options.seed, stuck)), durationMs: Math.round(performance.now() - startedAt) }
  } finally {
    clearInterval(reporting)
    await rig.close()
  }
}

// Runs load and faults; then ends the load and waits for the answers. Returns what is stuck.
async function runFaults(rig: Rig, options: RigOptions, enter: (phase: string) => void): Promise<string[]> {
  const { seed, faultMs, missingMs = 45_000, settleMs = 60_000, stepsPerSecond = 60, signal } = options
  const { system, ledger, faults } = rig
  const ending = new AbortController()
  const givenUp = new AbortController()
  const random = createSeededRandom(seed + 2)
  const load = runLoad({
    services: rigServices,
    running: system,
    ledger,
    random,
    seed,
    stepsPerSecond,
    ending: ending.signal,
    givenUp: givenUp.signal,
  })
  // An error that a correct service never returns ends the run at once.
  const failed = new AbortController()
  load.catch(() => failed.abort())
  const over = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])])
  try {
    enter('injecting faults')
    faults.start()
    await pause(faultMs, undefined, { signal: over }).catch(() => {})
    enter('injecting what is missing')
    faults.onlyMissing()
    const until = performance.now() + missingMs
    while (faults.missing().length > 0 && performance.now() < until && !over.aborted) await pause(100)
    await faults.stop()
    enter('waiting for answers')
    ending.abort()
    const late = setTimeout(() => givenUp.abort(), settleMs)
    await load.finally(() => clearTimeout(late))
    return givenUp.signal.aborted ? [`some commands got no answer within ${settleMs} ms after the last fault`] : []
  } finally {
    ending.abort()
    givenUp.abort()
    await load.catch(() => {})
  }
}

async function judged(rig: Rig, seed: number, stuck: readonly string[]): Promise<Omit<RigReport, 'durationMs'>> {
  const { ledger, sink, system, faults, orders, points } = rig
  const histories = await readHistories(rigServices, system)
  const { heard, totals } = await readModels(rigServices, system)
  const { performed } = sink
  const sent = [...ledger.entries.values()]
  const verdict = judge({ expectations: expectationsOf(sent), histories, heard, performed, stuck })
  verdict.doubled.push(...ledger.contradictions)
  judgeTotals(totals, histories, verdict)
  const crashes: Record<string, number> = Object.fromEntries(points.map(({ point }) => [point, 0]))
  for (const { point } of orders.hits()) crashes[point] = (crashes[point] ?? 0) + 1
  const { answered, repeated } = ledger
  return {
    seed,
    commands: { sent: sent.length, answered, unanswered: sent.length - answered, repeated },
    events: [...histories.values()].reduce((sum, events) => sum + events.length, 0),
    effects: {
      performed: performed.length,
      distinct: new Set(performed.map(({ idempotencyKey }) => idempotencyKey)).size,
    },
    faults: { ...faults.counts },
    crashes,
    neverHit: faults.missing(),
    verdict,
  }
}

function progressOf({ ledger, sink, system, faults, orders }: Rig, phase: string, elapsedMs: number): Progress {
  return {
    phase,
    elapsedMs,
    sent: ledger.entries.size,
    answered: ledger.answered,
    performed: sink.performed.length,
    up: system.victims.size,
    faults: faults.counts,
    crashes: orders.hits(),
    missing: faults.missing(),
  }
}
