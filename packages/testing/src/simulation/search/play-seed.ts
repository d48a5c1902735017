// One run of a seed: draws its schedule, and plays it on an engine that the seed chooses.

import { isTidingsError, type Service, TidingsError } from 'tidings'
import type { SimulatedEngine } from '../../world/simulated-engine.ts'
import type { Checker } from '../checkers/checker.ts'
import type { SimulationOptions } from '../definition/define-simulation.ts'
import type { FaultRates } from '../faults/fault.ts'
import { defaultFaults, faultKinds } from '../faults/index.ts'
import { endedRun, type Run, runSchedule } from '../run/run-schedule.ts'
import { generateSchedule } from '../schedule/generate-schedule.ts'
import type { Schedule } from '../schedule/schedule.ts'
import { type SimulationCrashPoint, simulationCrashPoints } from '../system/port-call.ts'
import { generateWorkload } from '../workload/generate-workload.ts'
import { engineFor, instancesFor } from './choose-run.ts'

/** What a seed is played on. */
export interface PlayOptions {
  /** The system: real services, on the production runtime. */
  readonly services: readonly Service[]
  /** What `simulation.ts` exports. Default: a workload generated from the commands' schemas, no invariants, all faults. */
  readonly simulation?: SimulationOptions
  /** The engines; the seed chooses one. Default: the in-memory one in its kinds. */
  readonly engines?: readonly SimulatedEngine[]
  /** How many instances of each service run at first, 1 to 4; with more than one, on the engines whose stores have many writers. Default: the seed chooses. */
  readonly instances?: number
  /** The checkers. Default: all of them. */
  readonly checkers?: readonly Checker[]
}

/** Plays the run of one seed; throws `CONFIG_INVALID` if the simulation cannot be run at all. */
export function playSeed(seed: number, options: PlayOptions): Promise<Run> {
  const { services, simulation = {} } = options
  const isRelayed = engineFor(seed, options).relay !== false
  const crashPoints = simulation.crashPoints ?? simulationCrashPoints
  const schedule = generateSchedule(seed, {
    services,
    workload: simulation.workload ?? generateWorkload(services),
    rates: ratesOf(simulation.faults),
    crashPoints: crashPoints.filter((point) => isRelayed || !relayPoints.has(point)),
    instances: instancesFor(seed, options),
    stepCount: simulation.stepCount ?? defaultStepCount,
  })
  return playSchedule(schedule, options)
}

/** Plays a schedule on the engine of its seed. */
export async function playSchedule(schedule: Schedule, options: PlayOptions): Promise<Run> {
  const { services, simulation = {}, checkers } = options
  // Whatever ends a run is a result of its seed; only a simulation that cannot be run at all is none.
  try {
    const engine = engineFor(schedule.seed, options)
    const { driver, remove } = await engine.open((schedule.instances ?? 1) > 1 ? 'many' : 'one')
    try {
      return await runSchedule(schedule, {
        services,
        simulation,
        driver,
        answersLater: engine.answersLater ?? false,
        ...(checkers === undefined ? {} : { checkers }),
      })
    } finally {
      await remove?.()
    }
  } catch (error) {
    if (isTidingsError(error, 'CONFIG_INVALID')) throw error
    return endedRun(schedule, error)
  }
}

/** Only a relay reaches these. */
const relayPoints: ReadonlySet<SimulationCrashPoint> = new Set(['publish', 'publish-ack', 'mark-sent'])
const defaultStepCount = 40

function ratesOf(faults: SimulationOptions['faults']): FaultRates {
  if (faults === false) return Object.fromEntries(faultKinds.map(({ name }) => [name, 0])) as unknown as FaultRates
  const rates = { ...defaultFaults, ...faults }
  for (const [name, rate] of Object.entries(rates)) {
    if (!(name in defaultFaults))
      throw new TidingsError(
        'CONFIG_INVALID',
        `There is no fault ${name}; there are ${Object.keys(defaultFaults).join(', ')}.`,
      )
    if (!(rate >= 0 && rate <= 1))
      throw new TidingsError('CONFIG_INVALID', `faults.${name} is a probability from 0 to 1, not ${rate}.`)
  }
  return rates
}
