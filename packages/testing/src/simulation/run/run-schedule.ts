// One run: plays a schedule on a fresh system, ends the faults, lets everything settle, and checks the promises.
// Invariant: a run is bounded in actions and in simulated time; one that does not settle has failed.

import type { Service } from 'tidings'
import { describeThrown, isInstance } from 'tidings/errors'
import type { Driver } from 'tidings/ports'
import { passTime } from '../../world/pass-time.ts'
import { checkInvariants } from '../checkers/check-invariants.ts'
import type { Checker } from '../checkers/checker.ts'
import { type Failure, RunFailed } from '../checkers/failure.ts'
import type { SimulationOptions } from '../definition/define-simulation.ts'
import { kindOf } from '../faults/index.ts'
import { simulateEffects } from '../instrumentation/simulated-effects.ts'
import { wrapPorts } from '../instrumentation/wrap-ports.ts'
import type { Action, Schedule } from '../schedule/schedule.ts'
import { SimulatedSystem } from '../system/simulated-system.ts'
import { Clients, type CommandAccount } from '../workload/clients.ts'
import { checkRun } from './check-run.ts'
import { failAfterTimeout } from './fail-after-timeout.ts'
import { lookAgainMs, pollMs } from './settle-system.ts'

/** What a schedule is played on. */
export interface RunOptions {
  readonly services: readonly Service[]
  readonly simulation: SimulationOptions
  /** An empty engine, for this run alone. */
  readonly driver: Driver
  /** Whether its stores and its broker answer later. */
  readonly answersLater: boolean
  /** The checkers. Default: all of them. */
  readonly checkers?: readonly Checker[]
}

/** How a run went. */
export interface Run {
  readonly schedule: Schedule
  readonly failure: Failure | undefined
  /** What ended a run that says nothing, because the engine took longer than `engineMsMax`; then there is no failure. */
  readonly inconclusive?: string | undefined
  /** What happened, in order; on the in-memory engine the same schedule gives the same lines. */
  readonly trace: readonly string[]
  /** How often each fault took effect. */
  readonly faults: ReadonlyMap<string, number>
  /** The number of events that were committed. */
  readonly events: number
  /** The number of handler calls, those that were rolled back included. */
  readonly handled: number
  readonly commands: readonly CommandAccount[]
}

/** Plays a schedule. */
export async function runSchedule(schedule: Schedule, options: RunOptions): Promise<Run> {
  const { services, simulation, driver, answersLater } = options
  const system = await SimulatedSystem.open(driver, {
    answersLater,
    instances: schedule.instances ?? 1,
    clocksDiffer: schedule.clocksDiffer ?? false,
    deploys: schedule.deploys ?? false,
    seed: schedule.seed,
    services,
    start: simulation.start,
    pollMs,
    callbacksMax: simulation.callbacksMax,
    engineMsMax: simulation.engineMsMax,
    wrap: (system) => wrapPorts(system, simulateEffects(schedule.seed, simulation.effects)),
  })
  const clients = new Clients(system)
  let failure: Failure | undefined
  try {
    await play(system, clients, schedule.actions, options)
    await checkRun(system, clients, options)
  } catch (error) {
    failure = failureOf(error)
  }
  try {
    await system.close()
  } catch (error) {
    failure ??= failureOf(error)
  }
  const { world, faultCounts, counts } = system
  const { events, handled } = counts
  const run = { schedule, trace: world.trace, faults: faultCounts, events, handled, commands: clients.accounts }
  if (failure === undefined || !world.tooSlow) return { ...run, failure }
  return { ...run, failure: undefined, inconclusive: `${failure.checker}: ${failure.breaches[0] ?? failure.promise}` }
}

/** The run of a schedule that ended before it could be played: its engine did not open, or did not close. */
export function endedRun(schedule: Schedule, error: unknown): Run {
  const nothing = { trace: [], faults: new Map(), events: 0, handled: 0, commands: [] }
  return { schedule, failure: failureOf(error), ...nothing }
}

function failureOf(error: unknown): Failure {
  if (isInstance(error, RunFailed)) return error.failure
  const { stack, message } = describeThrown(error)
  return { checker: 'runs', promise: 'A system runs and can be inspected.', breaches: [stack ?? message], step: 'rest' }
}

async function play(
  system: SimulatedSystem,
  clients: Clients,
  actions: readonly Action[],
  { simulation }: RunOptions,
): Promise<void> {
  const { world } = system
  const everyStep = (simulation.invariants ?? []).filter(({ at }) => at === 'every-step')
  const instances = [...system.services.keys()].flatMap((name) => system.instancesOf(name))
  await timePasses(() => world.drive(Promise.all(instances.map((instance) => system.start(instance)))), 0)
  const passing = { world, runs: () => system.awake(), lookAgainMs, nextFromOutsideMs: () => system.nextEndMs() }
  for (const [index, action] of actions.entries()) {
    const pass = (ms: number) => timePasses(() => passTime(passing, ms), index + 1)
    // An action without a pause happens before the system has reacted to the previous one.
    if (action.afterMs > 0) await pass(action.afterMs)
    if (action.kind === 'command') clients.send(action)
    else if (action.kind === 'wait') await pass(action.waitMs)
    else kindOf(action.fault.fault).begin(action.fault, system)
    if (everyStep.length > 0) await checkInvariants(system, everyStep, index + 1)
  }
}

function timePasses(work: () => Promise<unknown>, step: number): Promise<void> {
  const why = () => 'Something repeats without end at one moment, such as two services that answer each other.'
  return failAfterTimeout('time-passes', 'Whatever a system does, time passes.', work, why, step)
}
