// Handlers that end their process. After a run that did not end cleanly, deliveries run alone in the process, each behind a durable mark;
// a mark that is found at the next start says which one was running. Invariant: the mark is committed before the delivery runs, and
// nothing else that is marked runs meanwhile, so that no innocent bears the mark of another's deed.

import { TidingsError } from '../../errors/index.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { LaneState } from './subscription.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

interface Suspect {
  /** How often it was started alone. */
  readonly runs: number
}

/** Runs a delivery alone and marked; `killed` tells that it has ended its process `crashesMax` times and must not run. */
export async function runAlone<T>(
  lane: LaneState,
  delivery: Delivery,
  run: (killed: boolean) => Promise<T>,
): Promise<T> {
  const { turns } = lane.core
  let release = await turns.take()
  let waiting = 0
  let over = false
  try {
    const kept = await readDocument<Suspect>(lane.core.store, systemTables.suspects, keyOf(lane, delivery.position))
    const runs = kept?.document.runs ?? 0
    if (runs >= lane.core.service.limits.crashesMax) return await run(true)
    await noteRuns(lane, delivery, runs + 1)
    lane.suspicion = {
      whileWaiting: async (work) => {
        if (++waiting === 1) {
          await noteRuns(lane, delivery, runs)
          release()
        }
        try {
          return await work()
        } finally {
          // A delivery that has timed out meanwhile takes no turn any more.
          if (--waiting === 0 && !over) {
            release = await turns.take()
            if (over) release()
            else await noteRuns(lane, delivery, runs + 1)
          }
        }
      },
    }
    return await run(false)
  } finally {
    over = true
    lane.suspicion = undefined
    release()
  }
}

async function noteRuns(lane: LaneState, { position }: Delivery, runs: number): Promise<void> {
  const unit = new UnitOfWork(lane.core.store)
  unit.putDocument(systemTables.suspects, keyOf(lane, position), { runs } satisfies Suspect)
  await lane.core.commit(unit)
}

/** The error of a delivery that has ended its process too often. */
export function killedError(lane: LaneState, type: string): TidingsError {
  return new TidingsError(
    'PROCESS_KILLED',
    `The process died ${lane.core.service.limits.crashesMax} times while ${type} was being handled alone.`,
  )
}

/** Buffers the removal of the mark: the delivery has ended without ending its process. */
export function clearSuspect(lane: LaneState, unit: UnitOfWork, position: string): void {
  unit.deleteRow(systemTables.suspects, keyOf(lane, position))
}

function keyOf(lane: LaneState, position: string): string {
  return `${lane.key}/${position}`
}
