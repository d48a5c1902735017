// A schedule: everything that happens to a system from outside, in order, as plain data. Playing it gives the same run every time.
// Invariant: a schedule with some of its actions left out is a schedule, so a failing one can be shrunk.

import type { Fault } from '../faults/fault.ts'
import { kindOf } from '../faults/index.ts'
import type { ScheduledCommand } from '../workload/clients.ts'

/** One thing that happens, so many milliseconds after the previous one. */
export type Action = { readonly afterMs: number } & (
  | ({ readonly kind: 'command' } & ScheduledCommand)
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** Nothing is sent for this time. */
  | { readonly kind: 'wait'; readonly waitMs: number }
)

/** What a run plays. */
export interface Schedule {
  /** Decides what the schedule leaves open: how the work of services interleaves, ids, jitter. */
  readonly seed: number
  /** How many instances of each service run at first. Default: 1, and then none is started or stopped. */
  readonly instances?: number
  /** Whether the clocks of the instances' hosts differ. Default: false. */
  readonly clocksDiffer?: boolean
  /** Whether older code runs at first, which lacks a handler of each service, until newer code is deployed. Default: false. */
  readonly deploys?: boolean
  readonly actions: readonly Action[]
}

/** An action as a phrase. */
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
