// Time that passes over a system which has settled. Nothing but its timers can happen then, so the clock is set from one to the next.
// Invariant: no timer is passed over, and each comes due at its moment.

import type { Stage } from '../system/simulated-system.ts'

/** How time passes. */
export interface Passing {
  readonly forMs: number
  /** Whoever waits for a timer looks at the clock within so long; the clock is set to so long before it. */
  readonly lookAgainMs: number
  /** Resolves when what came due on the way has led to all that it leads to. */
  readonly settled: () => Promise<unknown>
}

/** Lets time pass. */
export async function letTimePass(stage: Stage, { forMs, lookAgainMs, settled }: Passing): Promise<void> {
  const { world } = stage
  const { clock } = world.host
  const untilMs = clock.now() + forMs
  for (;;) {
    const dueAt = await world.drive(nextDueAt(stage))
    if (dueAt === undefined || dueAt > untilMs) break
    world.setNow(Math.max(clock.now(), dueAt - lookAgainMs))
    await world.advance(Math.max(0, dueAt - clock.now()))
    await settled()
  }
  world.setNow(Math.max(clock.now(), untilMs))
}

async function nextDueAt({ runs }: Stage): Promise<number | undefined> {
  const moments = await Promise.all(
    [...runs.running.values()].map(({ runtime, life }) => life.outlive(runtime.nextDueAt())),
  )
  const known = moments.filter((moment) => moment !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
