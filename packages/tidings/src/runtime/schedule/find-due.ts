// Finds what is due in the schedule, by the index of due times: the cost is that of what is due, however much is set.
// Invariant: a page has what is due first, in the order in which it is handled.

import type { ServiceCore } from '../core/service-core.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { ScheduledItem } from './scheduled-item.ts'
import { readScheduled } from './scheduled-row.ts'

/** An item of the schedule that is due and was not moved into its queue. */
export interface DueItem {
  readonly item: ScheduledItem
  /** The revision of its row. */
  readonly revision: number
}

/** What is due first. */
export interface DuePage {
  readonly due: readonly DueItem[]
  /** When the first item is due, in milliseconds since 1970; `undefined` if nothing is set. */
  readonly firstDueAt: number | undefined
  /** When the first item after those of the page is due; `undefined` if that is not known. */
  readonly laterDueAt: number | undefined
  /** Whether more may be due than a page has. */
  readonly isFull: boolean
}

/** How many rows are read first. Usually few of many items are due, and the next one shows when to look again. */
const firstCount = 2

/** If everything in a page of the schedule was due, the next page is this many times as large. */
const pageGrowth = 16

/** When the next item that has not been moved is due, in milliseconds since 1970; `undefined` if there is none. */
export async function nextDueAt(core: ServiceCore): Promise<number | undefined> {
  const [row] = await core.store.find({ table: systemTables.schedule, index: { column: 'dueAt' }, limit: 1 })
  if (row === undefined) return undefined
  const kept = readScheduled(row)
  return 'claimed' in kept ? undefined : kept.item.dueAt
}

/** How much is looked for. */
export interface DueSearch {
  /** Whether more than a few are expected to be due. */
  readonly many?: boolean
  /** Whether a few are enough: whoever handles them looks for the others. */
  readonly few?: boolean
  /** How many that are being handled may be there beside the others. Default: 0. */
  readonly busyCount?: number
}

/** What is due now: at most `batchCountMax` items, and those that are being handled. */
export async function findDue(core: ServiceCore, search: DueSearch = {}): Promise<DuePage> {
  const { many = false, few = false, busyCount = 0 } = search
  const countMax = few ? firstCount : core.service.limits.batchCountMax + busyCount
  const now = core.environment.clock.now()
  for (let limit = many ? countMax : firstCount; ; limit *= pageGrowth) {
    limit = Math.min(limit, countMax)
    const rows = await core.store.find({ table: systemTables.schedule, index: { column: 'dueAt' }, limit })
    const due: DueItem[] = []
    let laterDueAt: number | undefined
    for (const row of rows) {
      const kept = readScheduled(row)
      if ('claimed' in kept) break
      if (kept.item.dueAt > now) {
        laterDueAt = kept.item.dueAt
        break
      }
      due.push({ item: kept.item, revision: row.revision })
    }
    const isFull = due.length === limit
    if (isFull && limit < countMax) continue
    return { due: inOrder(due), firstDueAt: due[0]?.item.dueAt ?? laterDueAt, laterDueAt, isFull }
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
