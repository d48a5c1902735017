// A schedule: all that happens to a system from outside, in order, as plain data. Whoever plays it gets the same run, every time.
// Invariant: leaving actions out gives a schedule again, so a failing one can be made smaller.

import type { Service } from 'tidings'
import { type Chance, createChance } from '../random/chance.ts'
import type { Fault, FaultKnobs } from '../faults/fault.ts'
import { faultKinds, kindOf } from '../faults/index.ts'
import type { CrashPointName } from '../system/port-call.ts'
import type { CommandStep, WorkloadStep } from '../workload/workload-step.ts'

/** One thing that happens, after so many milliseconds. */
export type Action = { readonly afterMs: number } & (
  | {
      readonly kind: 'command'
      readonly step: CommandStep
      /** Unique within a schedule; the idempotency key and the conversation follow from it. */
      readonly number: number
      /** Sent once more after it was answered, as a client does that has not heard the answer. */
      readonly again: boolean
    }
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** Nothing is sent for so long. */
  | { readonly kind: 'wait'; readonly waitMs: number }
)

/** What is played. */
export interface Schedule {
  /** Decides what the schedule leaves open: how the work of services interleaves, ids, jitter. */
  readonly seed: number
  readonly actions: readonly Action[]
}

/** What a schedule is drawn from. */
export interface ScheduleOptions {
  readonly services: readonly Service[]
  readonly workload: (tools: WorkloadTools) => Iterable<WorkloadStep>
  readonly knobs: FaultKnobs
  readonly crashPoints: readonly CrashPointName[]
  /** How many steps of the workload are played. */
  readonly stepCount: number
}

/** What a workload is made with. */
export interface WorkloadTools {
  /** Draws that follow from the seed; a workload that draws elsewhere cannot be played again. */
  readonly random: Chance
  /** The seed itself, for generators that take one. */
  readonly seed: number
}

/** Draws the schedule of a seed. */
export function drawSchedule(seed: number, options: ScheduleOptions): Schedule {
  const { services, knobs, crashPoints, stepCount } = options
  const chance = createChance(seed ^ 0x5c4ed)
  const workload = options.workload({ random: createChance(seed ^ 0x70ad), seed })[Symbol.iterator]()
  const actions: Action[] = []
  // Some runs are quick and crowded, others have time to settle in between.
  const paceMs = chance.pick([2, 20, 200])
  for (let number = 1; number <= stepCount; number++) {
    const faults: Fault[] = []
    const pausesMs: number[] = []
    for (const kind of faultKinds) {
      if (!chance.happens(knobs[kind.name])) continue
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
    const again = chance.happens(knobs.redelivery)
    actions.push({ kind: 'command', step, number, again, afterMs: chance.whole(0, paceMs) })
  }
  return { seed, actions }
}

/** What is due at the end of a wait comes due within so long before it, mostly. */
const endMs = 2_000

// Faults begin with the wait, anywhere within it, or just before its end: timers of what was sent before it come due there.
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

/** An action in words. */
export function describeAction(action: Action): string {
  if (action.kind === 'fault') return kindOf(action.fault.fault).describe(action.fault)
  if (action.kind === 'wait') return `nothing is sent for ${describeMs(action.waitMs)}`
  const { service, command, input } = action.step
  return `${command} of ${service} ${shortJson(input)}${action.again ? ', sent twice' : ''}`
}

function describeMs(ms: number): string {
  const whole = [
    [ms / 3_600_000, 'h'],
    [ms / 60_000, 'min'],
    [ms / 1_000, 's'],
  ] as const
  const [count, unit] = whole.find(([count]) => count >= 1 && Number.isInteger(count)) ?? [ms, 'ms']
  return `${count} ${unit}`
}

const jsonLengthMax = 120

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? ''
  return text.length <= jsonLengthMax ? text : `${text.slice(0, jsonLengthMax - 1)}…`
}
