// The queues of what has come due: one for the timers of each subscriber, and one for each effect, in the order of coming due.
// Invariant: an item leaves its queue in the unit of work that handles it, so an item that failed can be read again.

import { type Awaitable, formatPosition, type Position, type Store } from '../../ports/index.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { DirectItem } from './direct-item.ts'
import type { ScheduledItem } from './scheduled-item.ts'
import { readScheduled } from './scheduled-row.ts'

interface QueueHead {
  readonly head: Position
}

/** How far a queue has been filled, and the revision under which that is stored: 0 if it is not. */
export interface StoredHead {
  readonly position: Position
  readonly revision: number
}

/** Reads the head of a queue. */
export async function readHead(store: Store, queue: string): Promise<StoredHead> {
  const kept = await readDocument<QueueHead>(store, systemTables.queueHeads, queue)
  return { position: kept?.document.head ?? '', revision: kept?.revision ?? 0 }
}

/** Buffers a new head of a queue. If it was moved since it was read, the commit fails. */
export function moveHead(unit: UnitOfWork, queue: string, { revision }: StoredHead, head: Position): void {
  unit.check({ table: systemTables.queueHeads, key: queue, revision })
  unit.putDocument(systemTables.queueHeads, queue, { head } satisfies QueueHead)
}

/** The key of an item in a queue. */
export function queueKey(queue: string, position: Position): string {
  return `${queue}/${position}`
}

/** Buffers an item into its queue, at a position. The caller buffers what becomes of its row in the schedule. */
export function enqueue(unit: UnitOfWork, position: Position, item: ScheduledItem): void {
  unit.putDocument(systemTables.queues, queueKey(item.queue, position), item)
}

/** Buffers the removal of an item from its queue. */
export function dequeue(unit: UnitOfWork, item: ScheduledItem, position: Position): void {
  unit.deleteRow(systemTables.queues, queueKey(item.queue, position))
}

/** The next position after another. */
export function nextPosition(position: Position): Position {
  return formatPosition(Number(position) + 1)
}

/** A delivery of something that is due. */
export interface DueDelivery {
  readonly position: Position
  /** Set if it is delivered directly from the schedule. */
  readonly direct?: DirectItem | undefined
}

/**
 * Removes an item from its queue and the schedule, within the unit that handles it. Returns false if it must not be handled: the timer was
 * cancelled or set again after it came due.
 */
export function takeItem(unit: UnitOfWork, item: ScheduledItem, { position, direct }: DueDelivery): Awaitable<boolean> {
  return direct === undefined || direct.isMoved ? takeQueued(unit, item, position) : direct.take(unit)
}

async function takeQueued(unit: UnitOfWork, item: ScheduledItem, position: Position): Promise<boolean> {
  dequeue(unit, item, position)
  // A parked occurrence of a recurring timer is no longer the one in the schedule.
  if (item.released === true) return true
  const row = await unit.get(systemTables.schedule, item.id)
  if (row === undefined) return false
  const kept = readScheduled({ key: item.id, json: row.json })
  if (!('claimed' in kept) || kept.claimed !== position) return false
  unit.deleteRow(systemTables.schedule, item.id)
  return true
}
