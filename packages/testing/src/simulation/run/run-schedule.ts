// One run: a schedule is played on a fresh system, faults stop, everything settles, and the checkers judge.
// Invariant: a run is bounded in actions and in the time of its world; one that does not settle has failed.

import { durationMs, isTidingsError, type Service } from 'tidings'
import { redrive } from 'tidings/operations'
import type { Driver } from 'tidings/ports'
import { untilSettled } from '../../world/until-settled.ts'
import { checkInvariants } from '../checkers/check-invariants.ts'
import type { Checker, CheckMoment } from '../checkers/checker.ts'
import { checkers } from '../checkers/index.ts'
import { Clients, type CommandAccount } from '../workload/clients.ts'
import type { SimulationOptions } from '../definition/define-simulation.ts'
import { collectEvidence, type Evidence } from '../evidence/evidence.ts'
import { type Failure, RunFailed } from '../checkers/failure.ts'
import { kindOf } from '../faults/index.ts'
import { layBetween } from '../instrumentation/wrap-ports.ts'
import { letTimePass } from './advance-time.ts'
import { performsEffects } from '../instrumentation/simulated-effects.ts'
import type { Action, Schedule } from '../schedule/schedule.ts'
import { Stage } from '../system/simulated-system.ts'

/** What a schedule is played on. */
export interface RunOptions {
  readonly services: readonly Service[]
  readonly simulation: SimulationOptions
  /** A fresh engine, for this run alone. */
  readonly driver: Driver
  /** Who judges. Default: every checker. */
  readonly checkers?: readonly Checker[]
}

/** How a run went. */
export interface Run {
  readonly schedule: Schedule
  readonly failure: Failure | undefined
  /** What happened, in order; the same schedule gives the same lines where the engine is the in-memory one. */
  readonly trace: readonly string[]
  /** How often each fault has struck. */
  readonly faults: ReadonlyMap<string, number>
  /** Events that were committed. */
  readonly events: number
  /** Runs of handlers, also those that were undone. */
  readonly handled: number
  readonly commands: readonly CommandAccount[]
}

const settleMsMax = 4 * 3_600_000
const dayMs = 86_400_000
/** How often services look for news that nobody told them of: seldom, so that hours of the world pass at once. */
const pollMs = 60_000
const lookAgainMs = pollMs + 500
/** How often it is looked whether everything has settled. */
const settleStepMs = 1_000

/** Plays a schedule. */
export async function runSchedule(schedule: Schedule, options: RunOptions): Promise<Run> {
  const { services, simulation, driver } = options
  const stage = await Stage.open(driver, {
    seed: schedule.seed,
    services,
    start: simulation.start,
    pollMs,
    between: (stage) => layBetween(stage, performsEffects(schedule.seed, simulation.effects)),
  })
  const clients = new Clients(stage)
  let failure: Failure | undefined
  try {
    await play(stage, clients, schedule.actions, options)
    await judge(stage, clients, options)
  } catch (error) {
    failure = failureOf(error)
  }
  await stage.close()
  const { world, struck, counts } = stage
  const { events, handled } = counts
  return { schedule, failure, trace: world.trace, faults: struck, events, handled, commands: clients.accounts }
}

function failureOf(error: unknown): Failure {
  if (error instanceof RunFailed) return error.failure
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { checker: 'runs', promise: 'A system runs and can be looked at.', breaches: [message], step: 'rest' }
}

async function play(
  stage: Stage,
  clients: Clients,
  actions: readonly Action[],
  { simulation }: RunOptions,
): Promise<void> {
  const { world } = stage
  const everyStep = (simulation.invariants ?? []).filter(({ at }) => at === 'every-step')
  await timePasses(() => world.drive(Promise.all([...stage.services.keys()].map((name) => stage.start(name)))), 0)
  for (const [index, action] of actions.entries()) {
    const pass = (ms: number) => timePasses(() => world.advance(ms), index + 1)
    // What comes at the same moment comes before anybody has done anything about the last one.
    if (action.afterMs > 0) await pass(action.afterMs)
    if (action.kind === 'command') clients.send(action)
    else if (action.kind === 'wait') await pass(action.waitMs)
    else kindOf(action.fault.fault).begin(action.fault, stage)
    if (everyStep.length > 0) await checkInvariants(stage, everyStep, index + 1)
  }
}

function timePasses(work: () => Promise<unknown>, step: number): Promise<void> {
  const why = () => 'Something goes on and on at one moment, as two services do that answer each other.'
  return within('time-passes', 'Whatever a system does, time goes on.', work, why, step)
}

async function judge(stage: Stage, clients: Clients, options: RunOptions): Promise<void> {
  const { world } = stage
  const { simulation } = options
  const judges = options.checkers ?? checkers
  const settleForMs = durationMs(simulation.settleFor ?? {})
  const look = async (forMs = settleForMs) => {
    await settle(stage, forMs)
    return world.drive(collectEvidence(stage, clients.accounts))
  }
  world.note('the world', 'faults stop')
  await within('restarts', 'Services start again once faults stop.', () => world.drive(stage.calm(), settleMsMax))
  await within('answers', 'Every command is answered once faults stop.', () =>
    world.drive(clients.answered(), settleMsMax),
  )
  const parked = await look()
  await pass(judges, 'parked', parked, parked)
  for (const { runtime, life } of stage.runs.running.values())
    await world.drive(life.outlive(redrive(runtime, {}, { dryRun: false })))
  const rest = await look()
  await pass(judges, 'rest', rest, rest)
  await checkInvariants(stage, simulation.invariants ?? [], 'rest')
  if (!judges.some(({ at }) => at === 'rebuilt')) return
  world.note('the world', 'everything is rebuilt')
  // No timer comes due meanwhile: what it led to would seem to come of a rebuild.
  world.setNow(world.host.clock.now() - dayMs)
  for (const { service, runtime, life } of stage.runs.running.values()) {
    const names = [...service.projections.map(({ name }) => name), ...Object.keys(service.replicas)]
    for (const name of names) await world.drive(life.outlive(runtime.rebuild(name)), settleMsMax)
  }
  await pass(judges, 'rebuilt', await look(0), rest)
}

async function settle(stage: Stage, settleForMs: number): Promise<void> {
  let busy = 'it has not been looked at'
  const busyWith = (why: string) => {
    busy = why
  }
  const { world, runs } = stage
  const settled = () =>
    world.drive(
      untilSettled(
        () => [...runs.running.values()],
        world.host.scheduler,
        busyWith,
        () => false,
        settleStepMs,
      ),
      settleMsMax,
    )
  const rested = async () => {
    // News without a wake-up are found by looking again.
    for (const _round of [1, 2]) {
      await settled()
      await world.advance(lookAgainMs)
    }
    await settled()
    await letTimePass(stage, { forMs: settleForMs, lookAgainMs, settled })
  }
  await within('settles', 'A system settles once faults stop.', rested, () => busy)
}

async function within(
  checker: string,
  promise: string,
  work: () => Promise<unknown>,
  why = () => 'It takes too long.',
  step: Failure['step'] = 'rest',
) {
  try {
    await work()
  } catch (error) {
    if (!isTidingsError(error, 'TIMED_OUT')) throw error
    throw new RunFailed({ checker, promise, breaches: [`${why()} (${error.message})`], step })
  }
}

async function pass(judges: readonly Checker[], at: CheckMoment, now: Evidence, before: Evidence): Promise<void> {
  for (const checker of judges) {
    if (checker.at !== at) continue
    const breaches = await checker.check(now, before)
    if (breaches.length === 0) continue
    throw new RunFailed({ checker: checker.name, promise: checker.promise, breaches, step: 'rest' })
  }
}
