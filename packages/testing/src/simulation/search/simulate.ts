// Many runs, each with a seed of its own, until one fails or enough were made. What fails is made small and played once more.

import { type Service, TidingsError } from 'tidings'
import type { Checker } from '../checkers/checker.ts'
import type { SimulationOptions } from '../definition/define-simulation.ts'
import { engineOf, memoryEngines, type SimulatedEngine } from '../engines/engines.ts'
import type { FaultKnobs } from '../faults/fault.ts'
import { faultKinds, usualFaults } from '../faults/index.ts'
import { madeUpWorkload } from '../workload/generate-workload.ts'
import { type CrashPointName, crashPoints } from '../system/port-call.ts'
import { type Run, runSchedule } from '../run/run-schedule.ts'
import { drawSchedule, type Schedule } from '../schedule/schedule.ts'
import { shrinkSchedule } from './shrink-schedule.ts'

/** What is simulated, and how long. */
export interface SimulateOptions {
  /** The system: real services, on the production runtime. */
  readonly services: readonly Service[]
  /** What `simulation.ts` says. Default: a workload made up from the commands' schemas, no invariants, all faults. */
  readonly simulation?: SimulationOptions
  /** The engines; the seed chooses one. Default: the in-memory one in its two kinds. */
  readonly engines?: readonly SimulatedEngine[]
  /** The first seed; the runs count up from it. Default: 1. */
  readonly seed?: number
  /** How many runs are made. Default: 100. */
  readonly runs?: number
  /** Ends before the next run once so many milliseconds have passed. Default: never. */
  readonly timeMs?: number
  /** Whether a failing schedule is made small. Default: true. */
  readonly shrink?: boolean
  /** Told after each run. */
  readonly onRun?: (run: Run, done: number) => void
  /** Ends it after the run that is under way. */
  readonly signal?: AbortSignal
  /** Who judges. Default: every checker. */
  readonly checkers?: readonly Checker[]
}

/** A run that failed, and the smallest that still does. */
export interface FailedRun {
  readonly seed: number
  readonly engine: string
  readonly run: Run
  /**
   * Whether the same schedule went the same way once more. Where it did not, something of the services remembers what ran before, or asks for
   * time or chance by itself; such a run is not made small.
   */
  readonly replays: boolean
  /** The smallest schedule that fails in the same way, played. */
  readonly smallest: Run
}

/** What came of a simulation. */
export interface SimulationReport {
  readonly firstSeed: number
  readonly runs: number
  /** Events that were committed, over all runs. */
  readonly events: number
  /** Runs of handlers. */
  readonly handled: number
  readonly commands: number
  /** How many commands were accepted, rejected by their function, or refused at the door. */
  readonly outcomes: Readonly<Record<string, number>>
  /** How often each fault has struck. */
  readonly faults: Readonly<Record<string, number>>
  /** How many runs were made on each engine. */
  readonly engines: Readonly<Record<string, number>>
  readonly elapsedMs: number
  readonly failed: FailedRun | undefined
}

/** Simulates a system; throws `CONFIG_INVALID` where the simulation cannot be run at all. */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  const { seed: firstSeed = 1, runs = 100, timeMs = Number.POSITIVE_INFINITY } = options
  const startedAt = performance.now()
  const sums = { runs: 0, events: 0, handled: 0, commands: 0 }
  const faults = new Map<string, number>()
  const engines = new Map<string, number>()
  const outcomes = new Map<string, number>()
  let failed: FailedRun | undefined
  while (sums.runs < runs && performance.now() - startedAt < timeMs && options.signal?.aborted !== true) {
    const seed = (firstSeed + sums.runs) >>> 0
    const { name } = engineOf(seed, options.engines ?? memoryEngines)
    const run = await playSeed(seed, options)
    sums.runs++
    sums.events += run.events
    sums.handled += run.handled
    sums.commands += run.commands.length
    engines.set(name, (engines.get(name) ?? 0) + 1)
    for (const { outcome } of run.commands) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    for (const [fault, count] of run.faults) faults.set(fault, (faults.get(fault) ?? 0) + count)
    options.onRun?.(run, sums.runs)
    if (run.failure === undefined) continue
    const replays = await goesTheSameWay(run, name, options)
    const smallest = replays ? await smallestOf(run, options) : run
    failed = { seed, engine: name, run, replays, smallest }
    break
  }
  const elapsedMs = performance.now() - startedAt
  const counted = { outcomes: sorted(outcomes), faults: sorted(faults), engines: sorted(engines) }
  return { firstSeed, ...sums, ...counted, elapsedMs, failed }
}

/** Plays the run of one seed. */
export function playSeed(seed: number, options: SimulateOptions): Promise<Run> {
  const { services, simulation = {}, engines = memoryEngines } = options
  const isRelayed = engineOf(seed, engines).relay !== false
  const schedule = drawSchedule(seed, {
    services,
    workload: simulation.workload ?? madeUpWorkload(services),
    knobs: knobsOf(simulation.faults),
    crashPoints: (simulation.crashPoints ?? crashPoints).filter((point) => isRelayed || !relayed.has(point)),
    stepCount: simulation.stepCount ?? stepCountUsual,
  })
  return playSchedule(schedule, options)
}

/** Plays a schedule on the engine of its seed. */
export async function playSchedule(schedule: Schedule, options: SimulateOptions): Promise<Run> {
  const { services, simulation = {}, engines = memoryEngines } = options
  const { driver, remove } = await engineOf(schedule.seed, engines).open()
  try {
    const judges = options.checkers === undefined ? {} : { checkers: options.checkers }
    return await runSchedule(schedule, { services, simulation, driver, ...judges })
  } finally {
    await remove?.()
  }
}

const relayed: ReadonlySet<CrashPointName> = new Set(['publish', 'publish-ack', 'mark-sent'])
const stepCountUsual = 40
const shrinkMsMax = 60_000

// On files the trace depends on the disk; there it has to fail alike, word for word.
async function goesTheSameWay(run: Run, engine: string, options: SimulateOptions): Promise<boolean> {
  const again = await playSchedule(run.schedule, options)
  const isExact = isInMemory(engine)
  const storyOf = ({ trace, failure }: Run) =>
    [failure?.checker, ...(failure?.breaches ?? []), ...(isExact ? trace : [])].join('\n')
  return storyOf(again) === storyOf(run)
}

function isInMemory(engine: string): boolean {
  return memoryEngines.some(({ name }) => name === engine)
}

async function smallestOf(run: Run, options: SimulateOptions): Promise<Run> {
  if (options.shrink === false) return run
  const endsAt = performance.now() + shrinkMsMax
  const failsAlike = ({ failure }: Run) => failure?.checker === run.failure?.checker
  const { smallest, playing } = await inMemory(run, options, failsAlike)
  let found = smallest
  await shrinkSchedule(run.schedule, {
    fails: async (schedule) => {
      const tried = await playSchedule(schedule, playing)
      if (failsAlike(tried)) found = tried
      return failsAlike(tried)
    },
    enough: () => performance.now() > endsAt || options.signal?.aborted === true,
  })
  return found
}

// What fails on files mostly fails in memory too, where hundreds of tries take a second.
async function inMemory(
  run: Run,
  options: SimulateOptions,
  failsAlike: (run: Run) => boolean,
): Promise<{ readonly smallest: Run; readonly playing: SimulateOptions }> {
  const { name } = engineOf(run.schedule.seed, options.engines ?? memoryEngines)
  if (isInMemory(name)) return { smallest: run, playing: options }
  for (const engine of memoryEngines) {
    const playing = { ...options, engines: [engine] }
    const smallest = await playSchedule(run.schedule, playing)
    if (failsAlike(smallest)) return { smallest, playing }
  }
  return { smallest: run, playing: options }
}

function knobsOf(faults: SimulationOptions['faults']): FaultKnobs {
  if (faults === false) return Object.fromEntries(faultKinds.map(({ name }) => [name, 0])) as unknown as FaultKnobs
  const knobs = { ...usualFaults, ...faults }
  for (const [name, share] of Object.entries(knobs)) {
    if (!(name in usualFaults))
      throw new TidingsError(
        'CONFIG_INVALID',
        `There is no fault ${name}; there are ${Object.keys(usualFaults).join(', ')}.`,
      )
    if (!(share >= 0 && share <= 1))
      throw new TidingsError('CONFIG_INVALID', `faults.${name} is a chance from 0 to 1, not ${share}.`)
  }
  return knobs
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
