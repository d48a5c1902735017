// An item that is delivered directly from the schedule: at the position that it would have in its queue, without having been moved there.
// Invariant: the unit that handles it removes the row that was read, and no other one.

import type { Awaitable } from '../../ports/index.ts'
import type { RowText } from '../unit-of-work/row-cache.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { DueItem } from './find-due.ts'
import type { ScheduledItem } from './scheduled-item.ts'

/** An item that is delivered directly. */
export class DirectItem implements DueItem {
  readonly item: ScheduledItem
  readonly revision: number
  /** Its row was read for this delivery. What happens to it afterwards is seen by the check of the commit. */
  #isFresh = true
  /** The unit that has taken it last. */
  #unit: UnitOfWork | undefined
  #isMoved = false

  constructor({ item, revision }: DueItem) {
    this.item = item
    this.revision = revision
  }

  /** Whether it was moved into its queue after it had been delivered: its handler may still run. */
  get isMoved(): boolean {
    return this.#isMoved
  }

  /** Removes it from the schedule, within the unit that handles it. False if it was cancelled or set again. */
  take(unit: UnitOfWork): Awaitable<boolean> {
    const { id } = this.item
    this.#unit = unit
    if (this.#isFresh && unit.pendingRow(systemTables.schedule, id) === undefined) {
      this.#isFresh = false
      unit.recordStoreRead(systemTables.schedule, id, this.revision)
      unit.deleteRow(systemTables.schedule, id)
      return true
    }
    // An earlier attempt met a conflict, or an earlier timer of the batch has changed this one.
    const row = unit.get(systemTables.schedule, id)
    return row instanceof Promise ? row.then((read) => this.#remove(unit, read)) : this.#remove(unit, row)
  }

  #remove(unit: UnitOfWork, row: RowText | undefined): boolean {
    if (row?.revision !== this.revision) return false
    unit.deleteRow(systemTables.schedule, this.item.id)
    return true
  }

  /** Notes that a commit has moved it into its queue. If its handler goes on, what it does is still committed with this item. */
  noteMove(revision: number): void {
    this.#isMoved = true
    this.#unit?.rebaseRead(systemTables.schedule, this.item.id, revision)
  }
}
