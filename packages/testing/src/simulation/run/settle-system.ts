// Waits until a system has settled after its faults ended, and lets its timers come due.

import { untilSettled } from '../../world/until-settled.ts'
import type { SimulatedSystem } from '../system/simulated-system.ts'
import { advanceThroughTimers } from './advance-through-timers.ts'
import { failAfterTimeout } from './fail-after-timeout.ts'

/** The longest that anything may take once faults have ended, in simulated time. */
export const settleMsMax = 4 * 3_600_000
/** How often services look for events without a wake-up, in simulated milliseconds: seldom, so that hours pass quickly. */
export const pollMs = 60_000
/** A little more than that. */
export const lookAgainMs = pollMs + 500
/** How often it checks whether the system has settled, in simulated milliseconds. */
const settleStepMs = 1_000

/**
 * Resolves when a system has settled and `settleForMs` more have passed; throws `RunFailed` if it does not settle.
 *
 * @param wakeUps - how many more times services look for events without a wake-up: those whose wake-up was lost are found then. With 0, as good as no
 * time passes.
 */
export async function settleSystem(system: SimulatedSystem, settleForMs: number, wakeUps = 2): Promise<void> {
  let busy = 'it was not looked at yet'
  const busyWith = (why: string) => {
    busy = why
  }
  const { world } = system
  const settled = () =>
    world.drive(
      untilSettled(
        () => system.awake(),
        world.environment.timeouts,
        busyWith,
        () => false,
        settleStepMs,
      ),
      settleMsMax,
    )
  const rested = async () => {
    for (let count = 0; count < wakeUps; count++) {
      await settled()
      await world.advance(lookAgainMs)
    }
    await settled()
    await advanceThroughTimers(system, { forMs: settleForMs, lookAgainMs, settled })
  }
  await failAfterTimeout('settles', 'A system settles once faults end.', rested, () => busy)
}
