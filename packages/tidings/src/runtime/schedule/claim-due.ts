// Moves what has come due from the schedule into the queues of the subscriptions that handle it, many items in one commit.
// Invariant: if an item is cancelled or set again in the meantime, it is not moved. If it is cancelled while it comes due, the first commit
// wins.

import { TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { nextPosition, type QueueHead, queueKey } from './due-queue.ts'
import type { ScheduledItem, ScheduledRow } from './scheduled-item.ts'
import { putClaimed } from './set-timer.ts'

/** When the next item that has not been moved is due, in milliseconds since 1970; `undefined` if there is none. */
export async function nextDueAt(core: ServiceCore): Promise<number | undefined> {
  const [row] = await core.store.find({ table: systemTables.schedule, index: { column: 'dueAt' }, limit: 1 })
  if (row === undefined) return undefined
  const kept = JSON.parse(row.json) as ScheduledRow
  return 'claimed' in kept ? undefined : kept.item.dueAt
}

/** If everything in a page of the schedule was due, the next page is this many times as large. */
const pageGrowth = 16

/** Moves what is due now, one batch of at most `countMax` items; returns how many it moved. */
export async function claimDue(core: ServiceCore, countMax = core.service.limits.batchCountMax): Promise<number> {
  const { conflictRetriesMax } = core.service.limits
  for (let tries = 0; tries <= conflictRetriesMax; tries++) {
    const now = core.environment.clock.now()
    const due = (await findDue(core, now)).slice(0, countMax)
    if (due.length === 0) return 0
    const unit = new UnitOfWork(core.store)
    const heads = new Map<string, Position>()
    for (const { item, revision } of due) {
      const before = heads.get(item.queue) ?? (await headOf(core, unit, item.queue))
      const position = nextPosition(before)
      heads.set(item.queue, position)
      unit.check({ table: systemTables.schedule, key: item.id, revision })
      putClaimed(unit, position, item)
      unit.putDocument(systemTables.queues, queueKey(item.queue, position), item)
    }
    for (const [queue, head] of heads) unit.putDocument(systemTables.queueHeads, queue, { head } satisfies QueueHead)
    if ((await core.commit(unit)).committed) {
      core.itemsDue.fire()
      return due.length
    }
    // An item was cancelled or set again in the meantime: that commit was first, so read again.
  }
  throw new TidingsError(
    'CONFLICT',
    `Optimistic concurrency conflict while moving due timers and effects of ${core.service.name}; gave up after ${conflictRetriesMax + 1} attempts.`,
  )
}

interface DueItem {
  readonly item: ScheduledItem
  readonly revision: number
}

// Usually only few of many items are due, so pages start small, and grow as long as everything in a page is due.
async function findDue(core: ServiceCore, now: number): Promise<DueItem[]> {
  const { batchCountMax } = core.service.limits
  for (let limit = 1; ; limit = Math.min(limit * pageGrowth, batchCountMax)) {
    const rows = await core.store.find({ table: systemTables.schedule, index: { column: 'dueAt' }, limit })
    const found: DueItem[] = []
    for (const { json, revision } of rows) {
      const kept = JSON.parse(json) as ScheduledRow
      if ('claimed' in kept || kept.item.dueAt > now) break
      found.push({ item: kept.item, revision })
    }
    if (found.length < limit || limit === batchCountMax) return inOrder(found)
  }
}

// By due time; at the same time, effects in the order in which they were committed, timers by name and key.
function inOrder(found: DueItem[]): DueItem[] {
  return found.sort(
    (a, b) =>
      a.item.dueAt - b.item.dueAt ||
      (a.item.kind === 'effect' && b.item.kind === 'effect' ? a.revision - b.revision : 0) ||
      (a.item.id < b.item.id ? -1 : 1),
  )
}

async function headOf(core: ServiceCore, unit: UnitOfWork, queue: string): Promise<Position> {
  const kept = await readDocument<QueueHead>(core.store, systemTables.queueHeads, queue)
  unit.check({ table: systemTables.queueHeads, key: queue, revision: kept?.revision ?? 0 })
  return kept?.document.head ?? ''
}
