// Shrinks a failing schedule to the smallest that is found to fail in the same way.
// Algorithm: ddmin of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (IEEE TSE 28(2), 2002), on the list of
// actions; before that, instances are removed; then pauses are removed and faults simplified, and all of it is repeated while it helps.

import type { Action, Schedule } from '../schedule/schedule.ts'

/** How a schedule is shrunk. */
export interface ShrinkOptions {
  /** Plays a schedule; says whether it fails in the same way. */
  readonly fails: (schedule: Schedule) => Promise<boolean>
  /** The most schedules that are played. Default: 400. */
  readonly triesMax?: number
  /** Ends the search early, with the smallest schedule found by then. */
  readonly enough?: () => boolean
}

/** A smaller schedule that still fails. */
export async function shrinkSchedule(schedule: Schedule, options: ShrinkOptions): Promise<Schedule> {
  const { fails, triesMax = 400, enough = () => false } = options
  let tries = 0
  const failsStill = async (tried: Schedule) => {
    if (tries >= triesMax || enough()) return false
    tries++
    return fails(tried)
  }
  let base = schedule
  const stillFails: StillFails = (actions) => failsStill({ ...base, actions })
  let { actions } = schedule
  // A simpler fault may need fewer actions around it.
  for (let last: readonly Action[] | undefined; last !== actions; ) {
    last = actions
    base = await withSimplerHosts({ ...base, actions }, failsStill)
    actions = await withoutParts(actions, stillFails)
    actions = await withoutPauses(actions, stillFails)
    actions = await withSimplerFaults(actions, stillFails)
  }
  return { ...base, actions }
}

// Fewer instances, clocks that agree, and one code leave less to look at.
async function withSimplerHosts(
  schedule: Schedule,
  stillFails: (schedule: Schedule) => Promise<boolean>,
): Promise<Schedule> {
  const { instances = 1, clocksDiffer: _, ...rest } = schedule
  for (let count = 1; count < instances; count++) {
    const tried = { ...schedule, instances: count }
    if (await stillFails(tried)) return withSimplerHosts(tried, stillFails)
  }
  const agreeing = { ...rest, instances }
  const agreed = schedule.clocksDiffer === true && (await stillFails(agreeing)) ? agreeing : schedule
  const { deploys = false, ...ofOneCode } = agreed
  return deploys && (await stillFails(ofOneCode)) ? ofOneCode : agreed
}

type StillFails = (actions: readonly Action[]) => Promise<boolean>

async function withoutPauses(all: readonly Action[], stillFails: StillFails): Promise<readonly Action[]> {
  if (all.every(({ afterMs }) => afterMs === 0)) return all
  const atOnce = all.map((action) => ({ ...action, afterMs: 0 }))
  if (await stillFails(atOnce)) return atOnce
  let actions = all
  for (const [index, action] of all.entries()) {
    if (action.afterMs === 0) continue
    const tried = actions.with(index, { ...action, afterMs: 0 })
    if (await stillFails(tried)) actions = tried
  }
  return actions
}

// If a fault takes effect at the third opportunity, tries the first one instead.
async function withSimplerFaults(all: readonly Action[], stillFails: StillFails): Promise<readonly Action[]> {
  let actions = all
  for (const [index, action] of all.entries()) {
    if (action.kind !== 'fault' || Number(action.fault.nth ?? 1) === 1) continue
    const tried = actions.with(index, { ...action, fault: { ...action.fault, nth: 1 } })
    if (await stillFails(tried)) actions = tried
  }
  return actions
}

async function withoutParts(all: readonly Action[], stillFails: StillFails): Promise<readonly Action[]> {
  let actions = all
  let parts = 2
  while (actions.length > 1) {
    const size = Math.ceil(actions.length / parts)
    let smaller: readonly Action[] | undefined
    for (let start = 0; start < actions.length && smaller === undefined; start += size) {
      for (const rest of withoutPart(actions, start, size)) {
        if (smaller === undefined && rest.length > 0 && (await stillFails(rest))) smaller = rest
      }
    }
    if (smaller !== undefined) {
      actions = smaller
      parts = Math.max(2, parts - 1)
    } else if (size === 1) {
      break
    } else {
      parts = Math.min(actions.length, parts * 2)
    }
  }
  return actions
}

// Leaves a part out, in two variants. In one, its time stays, so that the rest happens when it did before; in the other, its time is
// removed too.
function withoutPart(actions: readonly Action[], start: number, size: number): readonly (readonly Action[])[] {
  const before = actions.slice(0, start)
  const [next, ...others] = actions.slice(start + size)
  if (next === undefined) return [before]
  const leftMs = actions.slice(start, start + size).reduce((sum, { afterMs }) => sum + afterMs, next.afterMs)
  return [
    [...before, { ...next, afterMs: leftMs }, ...others],
    [...before, next, ...others],
  ]
}
