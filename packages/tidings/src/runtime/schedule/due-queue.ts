// The queues of what has come due: each subscriber's timers, and each effect, in the order in which they did.
// Invariant: an entry leaves its queue in the unit of work that handles it, so what failed can be read again.

import { formatPosition, type Position } from '../../ports/index.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { ScheduledItem, ScheduledRow } from './scheduled-item.ts'

/** How far a queue has been filled. */
export interface QueueHead {
  readonly head: Position
}

/** The key of an entry of a queue. */
export function queueKey(queue: string, position: Position): string {
  return `${queue}/${position}`
}

/** The position behind another. */
export function nextPosition(position: Position): Position {
  return formatPosition(Number(position) + 1)
}

/**
 * Takes an item out of its queue and the schedule, within the unit that handles it. Says whether it is to be handled: a timer that was
 * cancelled or set anew after it came due is not.
 */
export async function takeItem(unit: UnitOfWork, item: ScheduledItem, position: Position): Promise<boolean> {
  unit.deleteRow(systemTables.queues, queueKey(item.queue, position))
  const row = await unit.get(systemTables.schedule, item.id)
  if (row === undefined) return false
  const kept = JSON.parse(row.json) as ScheduledRow
  if (!('claimed' in kept) || kept.claimed !== position) return false
  unit.deleteRow(systemTables.schedule, item.id)
  return true
}
