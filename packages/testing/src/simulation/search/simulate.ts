// Many runs, each with a seed of its own, until one fails or enough were played. A failing schedule is shrunk.

import type { Run } from '../run/run-schedule.ts'
import { engineFor } from './choose-run.ts'
import { type PlayOptions, playSeed } from './play-seed.ts'
import { failsAgain, smallestFailure } from './smallest-failure.ts'

/** What is simulated, and for how long. */
export interface SimulateOptions extends PlayOptions {
  /** The first seed; each further run uses the next one. Default: 1. */
  readonly seed?: number
  /** How many runs are played. Default: 100. */
  readonly runs?: number
  /** Starts no further run after so many milliseconds. Default: no limit. */
  readonly timeMs?: number
  /** Whether a failing schedule is shrunk. Default: true. */
  readonly shrink?: boolean
  /** Called after each run. */
  readonly onRun?: (run: Run, done: number) => void
  /** Ends the simulation after the current run. */
  readonly signal?: AbortSignal
}

/** A run that failed, and the smallest one that still fails. */
export interface FailedRun {
  readonly seed: number
  readonly engine: string
  readonly run: Run
  /**
   * Whether the same schedule failed in the same way again. If not, a function of the services keeps something outside of its store, or reads
   * the time or random numbers by itself; such a schedule is not shrunk.
   */
  readonly replays: boolean
  /** The run of the smallest schedule that fails in the same way. */
  readonly smallest: Run
}

/** The result of a simulation. */
export interface SimulationReport {
  readonly firstSeed: number
  readonly runs: number
  /** The number of events that were committed, over all runs. */
  readonly events: number
  /** The number of handler calls. */
  readonly handled: number
  readonly commands: number
  /** How many commands were accepted, rejected by their function, or refused with an error. */
  readonly outcomes: Readonly<Record<string, number>>
  /** How often each fault took effect. */
  readonly faults: Readonly<Record<string, number>>
  /** How many runs each engine had. */
  readonly engines: Readonly<Record<string, number>>
  /** How many runs began with so many instances of each service. */
  readonly instances: Readonly<Record<string, number>>
  readonly elapsedMs: number
  readonly failed: FailedRun | undefined
  /** Runs that say nothing, because the machine was too slow for their engine: the first hundred, each with what ended it. */
  readonly inconclusive: readonly InconclusiveRun[]
}

/** A run that neither failed nor passed. */
export interface InconclusiveRun {
  readonly seed: number
  readonly engine: string
  readonly reason: string
}

const inconclusiveMax = 100

/** Simulates a system; throws `CONFIG_INVALID` if the simulation cannot be run at all. */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  const { seed: firstSeed = 1, runs = 100, timeMs = Number.POSITIVE_INFINITY } = options
  const startedAt = performance.now()
  const sums = { runs: 0, events: 0, handled: 0, commands: 0 }
  const faults = new Map<string, number>()
  const engines = new Map<string, number>()
  const instances = new Map<string, number>()
  const outcomes = new Map<string, number>()
  let failed: FailedRun | undefined
  const inconclusive: InconclusiveRun[] = []
  while (sums.runs < runs && performance.now() - startedAt < timeMs && options.signal?.aborted !== true) {
    const seed = (firstSeed + sums.runs) >>> 0
    const { name } = engineFor(seed, options)
    const run = await playSeed(seed, options)
    sums.runs++
    sums.events += run.events
    sums.handled += run.handled
    sums.commands += run.commands.length
    engines.set(name, (engines.get(name) ?? 0) + 1)
    const count = `${run.schedule.instances ?? 1}`
    instances.set(count, (instances.get(count) ?? 0) + 1)
    for (const { outcome } of run.commands) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    for (const [fault, count] of run.faults) faults.set(fault, (faults.get(fault) ?? 0) + count)
    options.onRun?.(run, sums.runs)
    const { inconclusive: reason } = run
    if (reason !== undefined && inconclusive.length < inconclusiveMax) inconclusive.push({ seed, engine: name, reason })
    if (run.failure === undefined) continue
    const replays = await failsAgain(run, name, options)
    const shrinks = replays && options.shrink !== false
    const smallest = shrinks ? await smallestFailure(run, options, options.signal) : run
    failed = { seed, engine: name, run, replays, smallest }
    break
  }
  const elapsedMs = performance.now() - startedAt
  const counted = {
    outcomes: sorted(outcomes),
    faults: sorted(faults),
    engines: sorted(engines),
    instances: sorted(instances),
  }
  return { firstSeed, ...sums, ...counted, elapsedMs, failed, inconclusive }
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
