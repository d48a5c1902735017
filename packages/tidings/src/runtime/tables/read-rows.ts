// Reads rows of a table in an order, from the store and from what the unit of work has written, as if the unit were committed already.
// Invariant: no row is returned twice, and `more` says whether anything was left out.

import {
  type ColumnCondition,
  type ColumnValue,
  compareColumns,
  compareText,
  type RowQuery,
  type Store,
  type StoredRow,
} from '../../ports/index.ts'
import type { RowText } from '../unit-of-work/row-cache.ts'
import type { PendingRow, UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** A table to read. */
export interface ReadableTable {
  readonly store: Store
  /** Absent for reads that see only committed state and are not checked at commit. */
  readonly unit: UnitOfWork | undefined
  /** The table's name in the store. */
  readonly physical: string
  readonly indexes: readonly string[]
  decode(row: RowText): unknown
}

/** A row's place in an order: its value of the sorted field, and its key. */
export interface RowPlace {
  readonly key: string
  readonly column?: ColumnValue
}

/** Which rows to read. */
export interface RowsWanted {
  readonly where: readonly ColumnCondition[]
  /** The indexed field that decides the order before the key does. Absent: the order of keys. */
  readonly sort?: string | undefined
  readonly reverse: boolean
  /** Only rows behind this place. */
  readonly after?: RowPlace | undefined
  readonly limit: number
  /** Which of the rows to return. Default: all. */
  readonly matches?: ((key: string, row: unknown) => boolean) | undefined
}

/** Rows that were read. */
export interface RowsRead {
  readonly rows: readonly unknown[]
  /** Whether there may be further rows behind `last`. */
  readonly more: boolean
  /** The row after which to continue; `undefined` if none was looked at. */
  readonly last: RowPlace | undefined
}

type FoundRow = StoredRow | PendingRow

/** The most rows that one read with `matches` looks at. */
export const lookedAtMax = 10_000
const lookedAtOnce = 1_000

/** Reads rows. The commit checks that those which are returned are unchanged, not that no further ones have appeared. */
export async function readRows(table: ReadableTable, wanted: RowsWanted): Promise<RowsRead> {
  const pending = table.unit?.pendingRows(table.physical)
  const own = pending === undefined || pending.size === 0 ? [] : ownRows(table, pending, wanted)
  const batch = wanted.matches === undefined ? wanted.limit + 1 + (pending?.size ?? 0) : lookedAtOnce
  const found = new FoundRows(table, wanted)
  let nextOwn = 0
  const takeOwnBefore = (stored: StoredRow | undefined): boolean => {
    for (let first = own[nextOwn]; first !== undefined; first = own[++nextOwn]) {
      if (stored !== undefined && inOrder(table, wanted, first, stored) > 0) return false
      if (found.take(first)) return true
    }
    return false
  }
  for (let after = wanted.after; ; ) {
    const stored = await table.store.find(queryOf(table.physical, wanted, after, batch))
    for (const row of stored) {
      if (takeOwnBefore(row)) return found.result()
      if (pending?.has(row.key) !== true && found.take(row)) return found.result()
    }
    const last = stored.at(-1)
    if (last === undefined || stored.length < batch) break
    after = placeOf(table, wanted, last)
  }
  takeOwnBefore(undefined)
  return found.result()
}

/** Collects rows until there are enough. */
class FoundRows {
  readonly #table: ReadableTable
  readonly #wanted: RowsWanted
  readonly #rows: unknown[] = []
  #last: FoundRow | undefined
  #lookedAt = 0
  #more = false

  constructor(table: ReadableTable, wanted: RowsWanted) {
    this.#table = table
    this.#wanted = wanted
  }

  /** Takes the next row in order; true if no further one is wanted. */
  take(found: FoundRow): boolean {
    const { matches, limit } = this.#wanted
    const isFull = this.#rows.length === limit
    if (isFull && matches === undefined) return this.#end()
    const row = this.#table.decode(textOf(found))
    if (matches === undefined || matches(found.key, row)) {
      if (isFull) return this.#end()
      this.#rows.push(row)
      this.#last = found
      if ('revision' in found) this.#table.unit?.recordStoreRead(this.#table.physical, found.key, found.revision)
    }
    this.#lookedAt++
    if (matches === undefined || this.#lookedAt < lookedAtMax) return false
    if (!isFull) this.#last = found
    return this.#end()
  }

  result(): RowsRead {
    const last = this.#last === undefined ? undefined : placeOf(this.#table, this.#wanted, this.#last)
    return { rows: this.#rows, more: this.#more, last }
  }

  #end(): true {
    this.#more = true
    return true
  }
}

function queryOf(table: string, { where, sort, reverse }: RowsWanted, after: RowPlace | undefined, limit: number) {
  const [first, ...rest] = where
  // In the order of keys, the index over the first condition has its rows in that order already.
  const index =
    sort !== undefined
      ? { index: { column: sort }, where }
      : first !== undefined
        ? { index: first, ...(rest.length === 0 ? {} : { where: rest }) }
        : {}
  return { table, limit, reverse, ...index, ...(after === undefined ? {} : { after }) } satisfies RowQuery
}

// The unit's own rows that are wanted, in order.
function ownRows(table: ReadableTable, pending: ReadonlyMap<string, PendingRow>, wanted: RowsWanted): PendingRow[] {
  const { where, after } = wanted
  const conditions = where.map(({ column, equals }) => ({ at: table.indexes.indexOf(column), equals }))
  return [...pending.values()]
    .filter(({ row }) => row !== null && conditions.every(({ at, equals }) => row.columns[at] === equals))
    .filter((row) => after === undefined || comparePlaces(wanted, placeOf(table, wanted, row), after) > 0)
    .sort((a, b) => inOrder(table, wanted, a, b))
}

function inOrder(table: ReadableTable, wanted: RowsWanted, a: FoundRow, b: FoundRow): number {
  return comparePlaces(wanted, placeOf(table, wanted, a), placeOf(table, wanted, b))
}

function comparePlaces({ sort, reverse }: RowsWanted, a: RowPlace, b: RowPlace): number {
  const byColumn = sort === undefined ? 0 : compareColumns(a.column ?? null, b.column ?? null)
  return (byColumn || compareText(a.key, b.key)) * (reverse ? -1 : 1)
}

function placeOf({ indexes }: ReadableTable, { sort }: RowsWanted, found: FoundRow): RowPlace {
  if (sort === undefined) return { key: found.key }
  if ('row' in found) return { key: found.key, column: found.row?.columns[indexes.indexOf(sort)] ?? null }
  return { key: found.key, column: storedColumn(found.json, sort) }
}

// The value of a stored row's column: the text of a row has the value that the row was indexed by.
function storedColumn(json: string, field: string): ColumnValue {
  const document: unknown = JSON.parse(json)
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, field)) return null
  const value = (document as Readonly<Record<string, unknown>>)[field]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function textOf(found: FoundRow): RowText {
  return 'row' in found ? (found.row as RowText) : found
}
