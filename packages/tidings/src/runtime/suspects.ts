// Handlers that end their process. After a run that did not end cleanly, deliveries run alone, each behind a durable mark;
// a mark that is found at the next start says which one was running. Invariant: the mark is committed before the delivery runs.

import type { Delivery } from './feed.ts'
import type { LaneState } from './lane-state.ts'
import { readDocument, systemTables } from './system-tables.ts'
import { UnitOfWork } from './unit-of-work.ts'

interface Suspect {
  readonly position: string
  /** How often it was started alone. */
  readonly runs: number
}

/** Marks a delivery before it runs alone; says true where it has ended its process `crashesMax` times and must not run. */
export async function markSuspect(lane: LaneState, delivery: Delivery): Promise<boolean> {
  const kept = await readDocument<Suspect>(lane.core.store, systemTables.suspects, lane.key)
  const runs = kept?.document.position === delivery.position ? kept.document.runs : 0
  if (runs >= lane.core.service.limits.crashesMax) return true
  const note = (count: number) => noteRuns(lane, { position: delivery.position, runs: count })
  await note(runs + 1)
  lane.suspicion = {
    whileWaiting: async (work) => {
      await note(runs)
      try {
        return await work()
      } finally {
        await note(runs + 1)
      }
    },
  }
  return false
}

async function noteRuns(lane: LaneState, suspect: Suspect): Promise<void> {
  const unit = new UnitOfWork(lane.core.store)
  unit.putDocument(systemTables.suspects, lane.key, suspect)
  await lane.core.commit(unit)
}

/** Buffers the removal of the mark: the delivery has ended without ending its process. */
export function clearSuspect(lane: LaneState, unit: UnitOfWork): void {
  lane.suspicion = undefined
  unit.deleteRow(systemTables.suspects, lane.key)
}
