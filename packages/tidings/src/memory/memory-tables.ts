// The tables of an in-memory store: rows by key, plus a sorted list by key and by each indexed field.
// Invariant: every row is in each list exactly once; a row is replaced, never changed.

import { invariant } from '../errors/index.ts'
import type { ColumnValue, RowQuery, RowWrite, StoredRow, TableLayout } from '../ports/index.ts'
import { compareColumns, compareText } from '../ports/index.ts'
import { SortedList } from './sorted-list.ts'

interface IndexedRow {
  readonly stored: StoredRow
  readonly columns: ReadonlyMap<string, ColumnValue>
}

/** One table. */
export class MemoryTable {
  readonly #rows = new Map<string, IndexedRow>()
  readonly #byKey = new SortedList<IndexedRow>((a, b) => compareText(a.stored.key, b.stored.key))
  #indexes = new Map<string, SortedList<IndexedRow>>()
  #tiesInAnyOrder: readonly string[] = []

  constructor(layout: Omit<TableLayout, 'name'>) {
    this.setIndexes(layout)
  }

  /** The indexed fields, in the layout's order. */
  get fields(): readonly string[] {
    return [...this.#indexes.keys()]
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: string): StoredRow | undefined {
    return this.#rows.get(key)?.stored
  }

  /** Changes the indexes to a layout; reads the values of a new index from the documents. */
  setIndexes({ indexes: fields, tiesInAnyOrder = [] }: Omit<TableLayout, 'name'>): void {
    this.#tiesInAnyOrder = tiesInAnyOrder
    if (JSON.stringify(fields) === JSON.stringify(this.fields)) return
    const rows = [...this.#rows.values()]
    for (const row of rows) this.#forget(row)
    this.#indexes = new Map(fields.map((field) => [field, new SortedList<IndexedRow>(orderBy(field))]))
    for (const { stored, columns } of rows) {
      const values = fields.map((field) => columns.get(field) ?? valueIn(stored.json, field))
      this.#keep(stored, values)
    }
  }

  /** Writes or deletes a row under the revision of a commit. */
  write({ key, row }: RowWrite, revision: number): void {
    const present = this.#rows.get(key)
    if (present !== undefined) this.#forget(present)
    if (row !== null) {
      const { schemaVersion, json, columns } = row
      this.#keep(Object.freeze({ key, revision, schemaVersion, json }), columns)
    }
  }

  find({ index, where = [], fromKey, toKey, after, reverse = false, limit }: RowQuery): StoredRow[] {
    for (const { column } of where) this.#indexOver(column)
    const conditions = index?.equals === undefined ? where : [{ column: index.column, equals: index.equals }, ...where]
    // The order has 1 and true in the same place, but they are different values.
    const matches = ({ columns }: IndexedRow) =>
      conditions.every(({ column, equals }) => (columns.get(column) ?? null) === equals)
    // Rows up to `after` were read before: smaller ones when reading forwards, greater ones when reading backwards.
    const isRead = (order: number) => (reverse ? order >= 0 : order <= 0)
    const skipped = reverse ? 1 : -1
    const placeOfKey = ({ stored: { key } }: IndexedRow): number => {
      if (fromKey !== undefined && compareText(key, fromKey) < 0) return -1
      if (toKey !== undefined && compareText(key, toKey) >= 0) return 1
      return after !== undefined && isRead(compareText(key, after.key)) ? skipped : 0
    }
    if (index === undefined) return this.#byKey.range(placeOfKey, reverse, limit, matches).map(({ stored }) => stored)

    const { column, equals } = index
    // Here ties come by key, so it would work; elsewhere it would not.
    invariant(
      after === undefined || equals !== undefined || !this.#tiesInAnyOrder.includes(column),
      `a read along ${column}, whose ties come in any order, is not continued`,
    )
    const placeInIndex = (row: IndexedRow): number => {
      const value = row.columns.get(column) ?? null
      if (equals !== undefined) {
        const order = compareColumns(value, equals)
        if (order !== 0) return order
        return after !== undefined && isRead(compareText(row.stored.key, after.key)) ? skipped : 0
      }
      if (after === undefined) return 0
      const order = compareColumns(value, after.column ?? null) || compareText(row.stored.key, after.key)
      return isRead(order) ? skipped : 0
    }
    return this.#indexOver(column)
      .range(placeInIndex, reverse, limit, matches)
      .map(({ stored }) => stored)
  }

  #indexOver(column: string): SortedList<IndexedRow> {
    const list = this.#indexes.get(column)
    invariant(list !== undefined, `the table has an index over ${column}`)
    return list
  }

  /** A copy that shares no mutable data. */
  copy(): MemoryTable {
    const copy = new MemoryTable({ indexes: this.fields, tiesInAnyOrder: this.#tiesInAnyOrder })
    for (const { stored, columns } of this.#rows.values()) copy.#keep(stored, [...columns.values()])
    return copy
  }

  #keep(stored: StoredRow, values: readonly ColumnValue[]): void {
    const row = { stored, columns: new Map(this.fields.map((field, index) => [field, values[index] ?? null])) }
    this.#rows.set(stored.key, row)
    this.#byKey.insert(row)
    for (const list of this.#indexes.values()) list.insert(row)
  }

  #forget(row: IndexedRow): void {
    this.#rows.delete(row.stored.key)
    this.#byKey.remove(row)
    for (const list of this.#indexes.values()) list.remove(row)
  }
}

function orderBy(field: string): (a: IndexedRow, b: IndexedRow) => number {
  return (a, b) =>
    compareColumns(a.columns.get(field) ?? null, b.columns.get(field) ?? null) ||
    compareText(a.stored.key, b.stored.key)
}

function valueIn(json: string, field: string): ColumnValue {
  const document: unknown = JSON.parse(json)
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, field)) return null
  const value = (document as Readonly<Record<string, unknown>>)[field]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

/** All tables, by name. */
export class MemoryTables {
  readonly #tables = new Map<string, MemoryTable>()

  get names(): readonly string[] {
    return [...this.#tables.keys()].sort(compareText)
  }

  /** A table by name; throws `INVARIANT` if it was not ensured. */
  table(name: string): MemoryTable {
    const table = this.#tables.get(name)
    invariant(table !== undefined, `table ${name} was ensured before it is used`)
    return table
  }

  ensure(layout: TableLayout): void {
    const present = this.#tables.get(layout.name)
    if (present === undefined) this.#tables.set(layout.name, new MemoryTable(layout))
    else present.setIndexes(layout)
  }

  drop(name: string): void {
    this.#tables.delete(name)
  }

  /** A copy that shares no mutable data. */
  copy(): MemoryTables {
    const copy = new MemoryTables()
    for (const [name, table] of this.#tables) copy.#tables.set(name, table.copy())
    return copy
  }
}
