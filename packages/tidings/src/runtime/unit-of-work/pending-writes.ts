// What a unit of work has buffered: rows to write, and streams with the facts to append. Types only.

import type { ColumnValue, NewFact } from '../../ports/index.ts'
import type { RowText } from './row-cache.ts'

/** A buffered write; `row` is `null` for a deletion. */
export interface PendingRow {
  readonly key: string
  readonly row: (RowText & { readonly columns: readonly ColumnValue[] }) | null
}

/** A stream as the unit sees it. */
export interface PendingStream {
  readonly category: string
  readonly stream: string
  /** The version when it was loaded from the store. */
  readonly storedVersion: number
  /** The version with the unit's own facts. */
  readonly version: number
  readonly state: unknown
  /** The version of the last snapshot. */
  readonly snapshotVersion: number
  readonly facts: readonly NewFact[]
}
