// Lets a long time pass at the cost of what happens in it: while a system is at rest, the clock jumps to shortly before the next timer, and
// services do not look again and again whether there is something to do.
// Invariant: no timer and no callback of a fault is skipped, and each comes due at its time.

import type { ManualWorld } from './manual-world.ts'
import type { ServiceRun } from './service-run.ts'
import { firstBusy } from './until-settled.ts'

/** What time passes over. */
export interface PassTimeOptions {
  readonly world: ManualWorld
  readonly runs: () => readonly ServiceRun[]
  /** A little more than the longest time between two looks of a service, in milliseconds. */
  readonly lookAgainMs: number
  /** How long until something happens to a service from outside, in milliseconds; `undefined` if nothing will. Default: nothing will. */
  readonly nextFromOutsideMs?: () => number | undefined
}

/** Advances the clock by `ms`. */
export async function passTime(options: PassTimeOptions, ms: number): Promise<void> {
  const { world, runs, lookAgainMs, nextFromOutsideMs = () => undefined } = options
  const { clock } = world.environment
  const endsAt = clock.monotonicMs() + ms
  const leftMs = () => Math.max(0, endsAt - clock.monotonicMs())
  while (leftMs() > 2 * lookAgainMs) {
    // Whatever was begun shows itself before the clock jumps.
    await world.advance(lookAgainMs)
    if ((await world.drive(firstBusy(runs()))) !== undefined) continue
    // A service that crashes at this moment is looked at again.
    const dueAt = await world.drive(nextDueAt(runs()).catch(() => clock.now()))
    const idleMs = Math.min(leftMs(), dueAt === undefined ? leftMs() : dueAt - clock.now()) - lookAgainMs
    // The clock may jump over what is due this soon, which would then happen late.
    if ((nextFromOutsideMs() ?? Number.POSITIVE_INFINITY) <= lookAgainMs) continue
    if (idleMs > 0) await world.skip(idleMs, lookAgainMs)
  }
  await world.advance(leftMs())
}

async function nextDueAt(runs: readonly ServiceRun[]): Promise<number | undefined> {
  const moments = await Promise.all(runs.map(({ runtime, lifetime }) => lifetime.unlessKilled(runtime.nextDueAt())))
  const known = moments.filter((moment) => moment !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
