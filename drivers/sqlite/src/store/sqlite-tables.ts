// One table: its names and its statements. Each statement is prepared when it is first used.

import type { DatabaseSync } from 'node:sqlite'
import type { ColumnValue } from 'tidings/ports'
import { prepare, type Statement } from '../database/sqlite-connection.ts'
import { boundedName, columnOf, quoted } from '../database/sqlite-names.ts'

/** A table and its statements. */
export class SqliteTable {
  readonly name: string
  /** The quoted identifier. */
  readonly identifier: string
  /** The indexed fields. */
  readonly fields: readonly string[]
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, Statement>()
  /** No row was found, and none was put since. Only this process writes, so services that wait for nothing need not ask again. */
  #isEmpty = false
  #get: Statement | undefined
  #revision: Statement | undefined
  #put: Statement | undefined
  #remove: Statement | undefined

  constructor(database: DatabaseSync, name: string, fields: readonly string[]) {
    this.#database = database
    this.name = name
    this.identifier = quoted(boundedName(name))
    this.fields = fields
  }

  /** The row of a key: key, revision, schema version, document. */
  get get(): Statement {
    this.#get ??= prepare(
      this.#database,
      `SELECT key, revision, schema_version, doc FROM ${this.identifier} WHERE key = ?`,
    )
    return this.#get
  }

  /** The revision of a key. */
  get revision(): Statement {
    this.#revision ??= prepare(this.#database, `SELECT revision FROM ${this.identifier} WHERE key = ?`)
    return this.#revision
  }

  /** Whether the table is known to have no rows. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** Notes that a read of all rows has found none. */
  noteEmpty(): void {
    this.#isEmpty = true
  }

  /** Writes key, revision, schema version, document and the indexed fields. */
  get put(): Statement {
    this.#isEmpty = false
    if (this.#put !== undefined) return this.#put
    const columns = ['revision', 'schema_version', 'doc', ...this.fields.map((field) => quoted(columnOf(field)))]
    const sql = `INSERT INTO ${this.identifier} (key, ${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length)})
      ON CONFLICT (key) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`
    this.#put = prepare(this.#database, sql)
    return this.#put
  }

  /** Deletes the row of a key. */
  get remove(): Statement {
    this.#remove ??= prepare(this.#database, `DELETE FROM ${this.identifier} WHERE key = ?`)
    return this.#remove
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
