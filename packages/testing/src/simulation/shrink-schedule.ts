// Making a failing schedule as small as it gets while it still fails in the same way.
// Algorithm: ddmin of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (IEEE TSE 28(2), 2002), on the list of
// actions; then the pauses between them are taken out.

import type { Action, Schedule } from './schedule.ts'

/** How a schedule is made smaller. */
export interface ShrinkOptions {
  /** Plays a schedule; tells whether it fails in the same way. */
  readonly fails: (schedule: Schedule) => Promise<boolean>
  /** The most schedules that are played. Default: 400. */
  readonly triesMax?: number
  /** Ends it early: what is smallest by then is given. */
  readonly enough?: () => boolean
}

/** A smaller schedule that still fails. */
export async function shrinkSchedule(schedule: Schedule, options: ShrinkOptions): Promise<Schedule> {
  const { fails, triesMax = 400, enough = () => false } = options
  let tries = 0
  const stillFails = async (actions: readonly Action[]) => {
    if (tries >= triesMax || enough()) return false
    tries++
    return fails({ ...schedule, actions })
  }
  let actions = await withoutParts(schedule.actions, stillFails)
  for (const pauses of [
    actions.map((action) => ({ ...action, afterMs: 0 })),
    actions.map((action) => ({ ...action, afterMs: Math.ceil(action.afterMs / 10) })),
  ]) {
    if (pauses.every(({ afterMs }, index) => afterMs === actions[index]?.afterMs)) continue
    if (!(await stillFails(pauses))) continue
    actions = pauses
    break
  }
  return { ...schedule, actions }
}

async function withoutParts(
  all: readonly Action[],
  stillFails: (actions: readonly Action[]) => Promise<boolean>,
): Promise<readonly Action[]> {
  let actions = all
  let parts = 2
  while (actions.length > 1) {
    const size = Math.ceil(actions.length / parts)
    let smaller: readonly Action[] | undefined
    for (let start = 0; start < actions.length && smaller === undefined; start += size) {
      const rest = [...actions.slice(0, start), ...actions.slice(start + size)]
      if (rest.length > 0 && (await stillFails(rest))) smaller = rest
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
