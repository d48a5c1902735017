// Ends the faults of a run, lets everything settle, and checks promises and invariants: before parked events are redriven, after that, and after
// every read model was rebuilt.

import { durationMs } from 'tidings/contracts'
import { redrive } from 'tidings/operations'
import { checkInvariants } from '../checkers/check-invariants.ts'
import type { Checker, CheckMoment } from '../checkers/checker.ts'
import { RunFailed } from '../checkers/failure.ts'
import { checkers as allCheckers } from '../checkers/index.ts'
import type { SimulationOptions } from '../definition/define-simulation.ts'
import { collectEvidence, type Evidence } from '../evidence/evidence.ts'
import type { SimulatedSystem } from '../system/simulated-system.ts'
import type { Clients } from '../workload/clients.ts'
import { failAfterTimeout } from './fail-after-timeout.ts'
import { settleMsMax, settleSystem } from './settle-system.ts'

/** What is checked. */
export interface CheckOptions {
  readonly simulation: SimulationOptions
  /** The checkers. Default: all of them. */
  readonly checkers?: readonly Checker[]
}

const minuteMs = 60_000
const dayMs = 1_440 * minuteMs

/** Checks a run whose schedule was played; throws `RunFailed` at the first broken promise. */
export async function checkRun(system: SimulatedSystem, clients: Clients, options: CheckOptions): Promise<void> {
  const { world } = system
  const { simulation, checkers = allCheckers } = options
  const settleForMs = durationMs(simulation.settleFor ?? {})
  const look = async (forMs = settleForMs, wakeUps?: number) => {
    await settleSystem(system, forMs, wakeUps)
    return world.drive(collectEvidence(system, clients.accounts))
  }
  await endFaults(system, clients)
  const parked = await look()
  await check(checkers, 'parked', parked, parked)
  for (const { runtime, lifetime } of system.reachEach())
    await world.drive(lifetime.unlessKilled(redrive(runtime, {}, { dryRun: false })))
  const rest = await look()
  await check(checkers, 'rest', rest, rest)
  await checkInvariants(system, simulation.invariants ?? [], 'rest')
  if (!checkers.some(({ at }) => at === 'rebuilt')) return
  await rebuildEverything(system)
  await check(checkers, 'rebuilt', await look(0, 0), rest)
}

async function endFaults(system: SimulatedSystem, clients: Clients): Promise<void> {
  const { world } = system
  world.note('the world', 'faults stop')
  await failAfterTimeout('restarts', 'Services start again once faults end.', () =>
    world.drive(system.endFaults(), settleMsMax),
  )
  await failAfterTimeout('answers', 'Every command is answered once faults end.', () =>
    world.drive(clients.answered(), settleMsMax),
  )
}

async function rebuildEverything(system: SimulatedSystem): Promise<void> {
  const { world } = system
  world.note('the world', 'everything is rebuilt')
  // The clock goes back a day, so that no timer comes due meanwhile: its consequences would look like those of a rebuild. Recurring timers follow the
  // clock, and are due at a full minute: the next one has just begun.
  const dayBefore = world.environment.clock.now() - dayMs
  world.setNow(dayBefore - (dayBefore % minuteMs))
  for (const { service, runtime, lifetime } of system.reachEach()) {
    const names = [...service.projections.map(({ name }) => name), ...Object.keys(service.replicas)]
    for (const name of names) await world.drive(lifetime.unlessKilled(runtime.rebuild(name)), settleMsMax)
  }
}

async function check(checkers: readonly Checker[], at: CheckMoment, now: Evidence, before: Evidence): Promise<void> {
  for (const checker of checkers) {
    if (checker.at !== at) continue
    const breaches = await checker.check(now, before)
    if (breaches.length === 0) continue
    throw new RunFailed({ checker: checker.name, promise: checker.promise, breaches, step: 'rest' })
  }
}
