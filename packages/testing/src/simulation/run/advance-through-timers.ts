// Lets time pass over a system that has settled. Only its timers can change anything then, so the clock jumps from one timer to the next.
// Invariant: no timer is skipped, and each comes due at its time.

import type { SimulatedSystem } from '../system/simulated-system.ts'

/** How time passes. */
export interface AdvanceOptions {
  readonly forMs: number
  /** How often services look for due timers; the clock jumps to this long before each timer. */
  readonly lookAgainMs: number
  /** Resolves when everything that a due timer caused has settled. */
  readonly settled: () => Promise<unknown>
}

/** Advances the clock by `forMs`, timer by timer. */
export async function advanceThroughTimers(
  system: SimulatedSystem,
  { forMs, lookAgainMs, settled }: AdvanceOptions,
): Promise<void> {
  const { world } = system
  const { clock } = world.environment
  const untilMs = clock.now() + forMs
  for (;;) {
    const dueAt = await world.drive(nextDueAt(system))
    if (dueAt === undefined || dueAt > untilMs) break
    world.setNow(Math.max(clock.now(), dueAt - lookAgainMs))
    await world.advance(Math.max(0, dueAt - clock.now()))
    await settled()
  }
  world.setNow(Math.max(clock.now(), untilMs))
}

async function nextDueAt(system: SimulatedSystem): Promise<number | undefined> {
  const moments = await Promise.all(
    system.reachEach().map(({ runtime, lifetime }) => lifetime.unlessKilled(runtime.nextDueAt())),
  )
  const known = moments.filter((moment) => moment !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
