// What the simulator cannot know by itself: which commands are sent, what must hold, and how often faults begin. Runs nothing.

import type { Duration } from 'tidings'
import type { FaultRates } from '../faults/fault.ts'
import type { EffectOutcomes } from '../instrumentation/simulated-effects.ts'
import type { SimulationCrashPoint } from '../system/port-call.ts'
import type { WorkloadStep, WorkloadTools } from '../workload/workload-step.ts'
import type { Invariant } from './define-invariant.ts'

/** How a system is simulated. */
export interface SimulationOptions {
  /**
   * The commands to send (`send`), in order, and the time that passes between them (`wait`): a generator, which may be endless.
   * Default: commands of all services, with inputs generated from their schemas.
   */
  readonly workload?: (tools: WorkloadTools) => Iterable<WorkloadStep>
  /** What must hold besides the promises of the framework. */
  readonly invariants?: readonly Invariant[]
  /** How often each fault begins, as a probability (0 to 1) for each step; `false` for none. Default: see `FaultRates`. */
  readonly faults?: Partial<FaultRates> | false
  /** The points at which services may crash. Default: all of them. */
  readonly crashPoints?: readonly SimulationCrashPoint[]
  /**
   * The most instances of each service, 1 to 4, where the engine's stores have many writers. `1` if a service cannot run several times, because its
   * functions keep something in variables, for example. Default: 4.
   */
  readonly instancesMax?: number
  /** How many steps of the workload each run plays. Default: 40. */
  readonly stepCount?: number
  /**
   * How much longer a run continues after faults have ended, so that timers come due; nothing happens between them, so hours cost as little
   * as seconds. Default: ten seconds.
   */
  readonly settleFor?: Duration
  /**
   * The most callbacks that a run may execute at one moment of simulated time. A run with more fails with `time-passes`: something repeats
   * without end. Default: 50,000.
   */
  readonly callbacksMax?: number
  /**
   * How long simulated time waits for the engine (its files, threads and sockets), in milliseconds of real time. A run that fails after the engine
   * took longer is inconclusive: the machine may have been too slow. Default: 5,000.
   */
  readonly engineMsMax?: number
  /** The time at the start. Default: 2026-01-01T00:00:00Z. */
  readonly start?: Date
  /** Gives the outcome of an effect, or throws; nothing is performed for real. Default: generated from its schema, and one in ten fails. */
  readonly effects?: EffectOutcomes
}

/** A simulation, as `simulation.ts` exports it. */
export interface Simulation extends SimulationOptions {
  readonly kind: 'simulation'
}

/** Declares how a system is simulated: the default export of `simulation.ts`, beside `tidings.config.ts`. */
export function defineSimulation(options: SimulationOptions = {}): Simulation {
  return { kind: 'simulation', ...options }
}
