// The tables of a store: what there is, and each table's statements. The catalogue in memory equals `tidings_tables`,
// since this process is the only one that writes.

import type { DatabaseSync } from 'node:sqlite'
import { invariant } from 'tidings'
import type { ColumnValue, TableLayout } from 'tidings/ports'
import { prepare, type Statement } from './sqlite-connection.ts'
import { boundedName, columnOf, indexOf, quoted } from './sqlite-names.ts'

/** A table and its statements, prepared when first used. */
export class SqliteTable {
  readonly name: string
  /** The quoted identifier. */
  readonly identifier: string
  /** The indexed fields. */
  readonly fields: readonly string[]
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, Statement>()
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

  /** Writes key, revision, schema version, document and the indexed fields. */
  get put(): Statement {
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

/** The tables there are. */
export interface Catalogue {
  readonly names: () => readonly string[]
  /** A table; a name that was never ensured is a bug of the caller. */
  readonly table: (name: string) => SqliteTable
  readonly ensure: (layout: TableLayout) => void
  readonly drop: (name: string) => void
}

/** Opens the catalogue of a store. */
export function openCatalogue(database: DatabaseSync): Catalogue {
  const tables = new Map<string, SqliteTable>()
  for (const [name, indexes] of prepare(database, 'SELECT name, indexes FROM tidings_tables').all()) {
    tables.set(String(name), new SqliteTable(database, String(name), JSON.parse(String(indexes))))
  }
  return {
    names: () => [...tables.keys()].sort(),
    table: (name) => {
      const table = tables.get(name)
      invariant(table !== undefined, `table ${name} was ensured before it is used`)
      return table
    },
    ensure: ({ name, indexes }) => {
      const present = tables.get(name)
      if (present !== undefined && JSON.stringify(present.fields) === JSON.stringify(indexes)) return
      const table = new SqliteTable(database, name, [...indexes])
      changeSchema(database, () => {
        if (present === undefined) createTable(database, table)
        else alterTable(database, present, table)
        const note =
          'INSERT INTO tidings_tables VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET indexes = excluded.indexes'
        prepare(database, note).run(name, JSON.stringify(indexes))
      })
      tables.set(name, table)
    },
    drop: (name) => {
      const table = tables.get(name)
      if (table === undefined) return
      changeSchema(database, () => {
        database.exec(`DROP TABLE ${table.identifier}`)
        prepare(database, 'DELETE FROM tidings_tables WHERE name = ?').run(name)
      })
      tables.delete(name)
    },
  }
}

function changeSchema(database: DatabaseSync, change: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    change()
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function createTable(database: DatabaseSync, table: SqliteTable): void {
  const columns = table.fields.map((field) => `, ${quoted(columnOf(field))}`).join('')
  database.exec(`CREATE TABLE ${table.identifier} (key TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL,
    schema_version INTEGER NOT NULL, doc TEXT NOT NULL${columns})`)
  for (const field of table.fields) createIndex(database, table, field)
}

function alterTable(database: DatabaseSync, present: SqliteTable, wanted: SqliteTable): void {
  for (const field of present.fields.filter((each) => !wanted.fields.includes(each))) {
    database.exec(`DROP INDEX ${quoted(indexOf(present.name, field))}`)
    database.exec(`ALTER TABLE ${present.identifier} DROP COLUMN ${quoted(columnOf(field))}`)
  }
  for (const field of wanted.fields.filter((each) => !present.fields.includes(each))) {
    const column = quoted(columnOf(field))
    const path = `'$."${field}"'`
    database.exec(`ALTER TABLE ${present.identifier} ADD COLUMN ${column}`)
    database.exec(`UPDATE ${present.identifier} SET ${column} = json_extract(doc, ${path})
      WHERE json_type(doc, ${path}) NOT IN ('object', 'array', 'null')`)
    createIndex(database, wanted, field)
  }
}

function createIndex(database: DatabaseSync, table: SqliteTable, field: string): void {
  database.exec(
    `CREATE INDEX ${quoted(indexOf(table.name, field))} ON ${table.identifier} (${quoted(columnOf(field))}, key)`,
  )
}

/** A value as SQLite keeps it: whole numbers as integers, so that SQL prints them without a fraction; booleans as 0 and 1. */
export function bindable(value: ColumnValue): string | number | bigint | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}
