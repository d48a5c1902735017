// One table: its names and its statements. Each statement is prepared when it is first used.
// Invariant: a table that is not in the file yet has no rows, and is stored before its first row is written.

import type { DatabaseSync } from 'node:sqlite'
import type { ColumnValue, StoredRow, TableLayout } from 'tidings/ports'
import { prepare, type Row, type Statement } from '../database/sqlite-connection.ts'
import { boundedName, columnOf, quoted } from '../database/sqlite-names.ts'
import type { RecentRows } from './sqlite-recent-rows.ts'

const ownColumns: readonly string[] = ['revision', 'schema_version', 'doc']

/** Brings a table into the file, within a transaction. */
type Store = (table: SqliteTable) => void

/** What a table is. */
export interface TableOptions {
  readonly layout: TableLayout
  /** The rows that were read lately. */
  readonly recent: RecentRows
  /** Brings it into the file. Absent if it is there. */
  readonly store: Store | undefined
}

/** Whether rows with the same value of an indexed field come by key. If not, they come in the order in which they were first put. */
export function isByKey({ tiesInAnyOrder }: TableLayout, field: string): boolean {
  return tiesInAnyOrder?.includes(field) !== true
}

/** A table and its statements. */
export class SqliteTable {
  readonly layout: TableLayout
  readonly name: string
  /** The quoted identifier. */
  readonly identifier: string
  /** The indexed fields. */
  readonly fields: readonly string[]
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, Statement>()
  /** The rows that were read lately. */
  readonly #recent: RecentRows
  /** No row was found, and none was put since. Only this process writes, so services that wait for nothing need not ask again. */
  #isEmpty = false
  #store: Store | undefined
  #get: Statement | undefined
  #put: Statement | undefined
  #putSame: Statement | undefined
  #remove: Statement | undefined

  constructor(database: DatabaseSync, { layout, recent, store }: TableOptions) {
    this.#database = database
    this.#recent = recent
    this.#store = store
    this.#isEmpty = store !== undefined
    this.layout = layout
    this.name = layout.name
    this.identifier = quoted(boundedName(layout.name))
    this.fields = [...layout.indexes]
  }

  /** The row of a key; `null` if it is not there. */
  row(key: string): StoredRow | null {
    const known = this.#recent.get(key)
    if (known !== undefined) return known
    if (this.#store !== undefined) return null
    this.#get ??= prepare(
      this.#database,
      `SELECT key, revision, schema_version, doc FROM ${this.identifier} WHERE key = ?`,
    )
    const found = this.#get.get(key)
    const row = found === undefined ? null : storedRow(found)
    this.#recent.keep(key, row)
    return row
  }

  /** Writes a row. */
  put(row: StoredRow, columns: readonly ColumnValue[]): void {
    if (this.#isEmpty) this.#noteRow()
    const { key, revision, schemaVersion, json } = row
    if (columns.length === 0) this.#upsert.run(key, revision, schemaVersion, json)
    else {
      const values = columns.map(bindable)
      // An UPDATE that sets an indexed column writes the index, even if the value stays. Most updates leave all of them as they are.
      const { changes } = this.#upsertSame.run(key, revision, schemaVersion, json, ...values)
      if (changes === 0) this.#upsert.run(key, revision, schemaVersion, json, ...values)
    }
    this.#recent.change(key, row)
  }

  /** Deletes the row of a key. */
  remove(key: string): void {
    if (this.#store !== undefined) return
    this.#remove ??= prepare(this.#database, `DELETE FROM ${this.identifier} WHERE key = ?`)
    this.#remove.run(key)
    this.#recent.change(key, null)
  }

  /** Forgets the rows that were read: the table is gone, or another object stands for it. */
  end(): void {
    this.#recent.end()
  }

  /** Whether the table is known to have no rows. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** Notes that a read of all rows has found none. */
  noteEmpty(): void {
    this.#isEmpty = true
  }

  #noteRow(): void {
    this.#isEmpty = false
    this.store()
  }

  /** Whether it is in the file, or in the open transaction. */
  get isStored(): boolean {
    return this.#store === undefined
  }

  /** Brings it into the file, if it is not there. Call it within a transaction. */
  store(): void {
    const store = this.#store
    this.#store = undefined
    store?.(this)
  }

  /** A rollback has taken it out of the file. */
  storeLater(store: Store): void {
    this.#store = store
    this.#isEmpty = true
  }

  /** Writes key, revision, schema version, document and the indexed fields. */
  get #upsert(): Statement {
    this.#put ??= this.#prepareUpsert([...ownColumns, ...this.#columns], '')
    return this.#put
  }

  /** The same, but changes no row if that has other values in its indexed fields. */
  get #upsertSame(): Statement {
    this.#putSame ??= this.#prepareUpsert(
      ownColumns,
      ` WHERE ${this.#columns.map((column) => `${this.identifier}.${column} IS excluded.${column}`).join(' AND ')}`,
    )
    return this.#putSame
  }

  get #columns(): readonly string[] {
    return this.fields.map((field) => quoted(columnOf(field)))
  }

  #prepareUpsert(updated: readonly string[], where: string): Statement {
    const columns = [...ownColumns, ...this.#columns]
    return prepare(
      this.#database,
      `INSERT INTO ${this.identifier} (key, ${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length)})
       ON CONFLICT (key) DO UPDATE SET ${updated.map((column) => `${column} = excluded.${column}`).join(', ')}${where}`,
    )
  }

  /** A statement of this table, prepared once. */
  statement(sql: string): Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = prepare(this.#database, sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** A value as SQLite stores it: whole numbers as integers, so that SQL prints them without a fraction, and booleans as 0 and 1. */
export function bindable(value: ColumnValue): string | number | bigint | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}

/** A row of `key, revision, schema_version, doc`. */
export function storedRow(row: Row): StoredRow {
  return {
    key: row[0] as string,
    revision: row[1] as number,
    schemaVersion: row[2] as number,
    json: row[3] as string,
  }
}
