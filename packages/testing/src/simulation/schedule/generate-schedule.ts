// Draws the schedule of a seed: the steps of a workload, with faults among them.
// Invariant: the same seed and options give the same schedule; the order of the draws is part of that.

import type { Service } from 'tidings'
import type { Fault, FaultRates } from '../faults/fault.ts'
import { faultKinds } from '../faults/index.ts'
import { type Chance, createChance } from '../random/chance.ts'
import type { SimulationCrashPoint } from '../system/port-call.ts'
import type { WorkloadStep, WorkloadTools } from '../workload/workload-step.ts'
import type { Action, Schedule } from './schedule.ts'

/** What a schedule is drawn from. */
export interface ScheduleOptions {
  readonly services: readonly Service[]
  readonly workload: (tools: WorkloadTools) => Iterable<WorkloadStep>
  readonly rates: FaultRates
  readonly crashPoints: readonly SimulationCrashPoint[]
  /** How many instances of each service run at first. */
  readonly instances: number
  /** How many steps of the workload are played. */
  readonly stepCount: number
}

/** Draws the schedule of a seed. */
export function generateSchedule(seed: number, options: ScheduleOptions): Schedule {
  const { services, rates, crashPoints, instances, stepCount } = options
  const chance = createChance(seed ^ 0x5c4ed)
  const workload = options.workload({ random: createChance(seed ^ 0x70ad), seed })[Symbol.iterator]()
  const actions: Action[] = []
  // Some runs are quick and crowded; in others the system can settle between two steps.
  const paceMs = chance.pick([2, 20, 200])
  const kinds = faultKinds.filter(({ ofInstances = false }) => instances > 1 || !ofInstances)
  for (let number = 1; number <= stepCount; number++) {
    const faults: Fault[] = []
    const pausesMs: number[] = []
    for (const kind of kinds) {
      // A fault that is off draws nothing: a seed gives the same schedule as if there were no such fault.
      if (rates[kind.name] === 0 || !chance.happens(rates[kind.name])) continue
      const fault = kind.draw({ chance, services, crashPoints })
      if (fault === undefined) continue
      faults.push(fault)
      pausesMs.push(chance.whole(0, paceMs))
    }
    const { value: step, done = false } = workload.next()
    if (!done && 'waitMs' in step) {
      actions.push(...waiting(step.waitMs, faults, chance))
      continue
    }
    actions.push(...faults.map((fault, index): Action => ({ kind: 'fault', fault, afterMs: pausesMs[index] ?? 0 })))
    if (done || 'waitMs' in step) break
    const again = chance.happens(rates.redelivery)
    actions.push({ kind: 'command', step, number, again, afterMs: chance.whole(0, paceMs) })
  }
  if (instances === 1) return { seed, actions }
  return { seed, instances, clocksDiffer: true, ...(rates.deploy > 0 ? { deploys: true } : {}), actions }
}

/** The end of a wait: what comes due at the end mostly does so within these last milliseconds. */
const endMs = 2_000

// A fault begins with the wait, at any moment of it, or just before its end, where timers of the commands before it come due.
function waiting(waitMs: number, faults: readonly Fault[], chance: Chance): Action[] {
  const begun = faults
    .map((fault) => ({
      fault,
      atMs: Math.max(0, chance.pick([0, chance.whole(0, waitMs), waitMs - chance.whole(0, endMs)])),
    }))
    .sort((a, b) => a.atMs - b.atMs)
  const actions: Action[] = []
  let passedMs = 0
  const pass = (untilMs: number) => {
    if (untilMs > passedMs) actions.push({ kind: 'wait', waitMs: untilMs - passedMs, afterMs: 0 })
    passedMs = untilMs
  }
  for (const { fault, atMs } of begun) {
    pass(atMs)
    actions.push({ kind: 'fault', fault, afterMs: 0 })
  }
  pass(waitMs)
  return actions
}
