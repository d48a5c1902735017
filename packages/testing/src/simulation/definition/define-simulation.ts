// What the simulator cannot know of a system by itself: what its world asks of it, what must hold, and how rough its days are. Inert.

import type { Duration } from 'tidings'
import type { EffectRequest } from 'tidings/ports'
import type { Chance } from '../random/chance.ts'
import type { FaultKnobs } from '../faults/fault.ts'
import type { Invariant } from './define-invariant.ts'
import type { CrashPointName } from '../system/port-call.ts'
import type { WorkloadTools } from '../schedule/schedule.ts'
import type { WorkloadStep } from '../workload/workload-step.ts'

/** What is said about a simulation. */
export interface SimulationOptions {
  /**
   * The commands that are sent (`send`), one after the other, and the time that passes between them (`wait`): a generator that may be endless.
   * Default: commands of all services with inputs made up from their schemas.
   */
  readonly workload?: (tools: WorkloadTools) => Iterable<WorkloadStep>
  /** What must hold besides the promises of the framework. */
  readonly invariants?: readonly Invariant[]
  /** How often each fault is begun, as a chance for each step; `false`: never any. Default: all of them, see `FaultKnobs`. */
  readonly faults?: Partial<FaultKnobs> | false
  /** The points at which services may crash. Default: all of them. */
  readonly crashPoints?: readonly CrashPointName[]
  /** How many steps of the workload each run plays. Default: 40. */
  readonly stepCount?: number
  /**
   * How long a run goes on once faults have stopped, for timers that are set by then; between them nothing happens, so hours cost as little as
   * seconds. Default: ten seconds.
   */
  readonly settleFor?: Duration
  /** The time at the start. Default: 2026-01-01T00:00:00Z. */
  readonly start?: Date
  /** Gives the outcome of an effect, or throws; nothing is ever performed for real. Default: made up from its schema, one in ten fails. */
  readonly effects?: (request: EffectRequest, random: Chance) => unknown
}

/** A simulation, as a file beside the configuration exports it. */
export interface Simulation extends SimulationOptions {
  readonly kind: 'simulation'
}

/** Declares how a system is simulated: the default export of `simulation.ts`, beside `tidings.config.ts`. */
export function defineSimulation(options: SimulationOptions = {}): Simulation {
  return { kind: 'simulation', ...options }
}
