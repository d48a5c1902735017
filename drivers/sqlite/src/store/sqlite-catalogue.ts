// The tables of a store: creates and changes them to match their layouts.
// Invariant: the catalogue in memory equals `tidings_tables`, because this process is the only writer.

import type { DatabaseSync } from 'node:sqlite'
import { invariant } from 'tidings/errors'
import type { TableLayout } from 'tidings/ports'
import { inTransaction, prepare } from '../database/sqlite-connection.ts'
import { columnOf, indexOf, quoted } from '../database/sqlite-names.ts'
import { createRecentRows } from './sqlite-recent-rows.ts'
import { SqliteTable } from './sqlite-tables.ts'

/** The tables of a store. */
export interface Catalogue {
  readonly names: () => readonly string[]
  /** A table. The caller must have ensured it before. */
  readonly table: (name: string) => SqliteTable
  /** Returns whether anything had to be written. */
  readonly ensure: (layout: TableLayout) => boolean
  readonly drop: (name: string) => void
  /** Forgets the rows that were read lately: a rollback may have undone some. */
  readonly forgetRows: () => void
}

/** Opens the catalogue of a store. */
export function openCatalogue(database: DatabaseSync): Catalogue {
  const tables = new Map<string, SqliteTable>()
  const recent = createRecentRows()
  const tableOf = (layout: TableLayout) => new SqliteTable(database, layout, recent.ofTable())
  for (const [name, indexes] of prepare(database, 'SELECT name, indexes FROM tidings_tables').all()) {
    tables.set(String(name), tableOf(readLayout(String(name), String(indexes))))
  }
  return {
    names: () => [...tables.keys()].sort(),
    table: (name) => {
      const table = tables.get(name)
      if (table === undefined) invariant(false, `table ${name} was ensured before it is used`)
      return table
    },
    ensure: (layout) => {
      const { name } = layout
      const present = tables.get(name)
      const indexes = writeIndexes(layout)
      if (present !== undefined && writeIndexes(present.layout) === indexes) return false
      const table = tableOf(layout)
      inTransaction(database, () => {
        if (present === undefined) createTable(database, table)
        else alterTable(database, present, table)
        const record =
          'INSERT INTO tidings_tables VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET indexes = excluded.indexes'
        prepare(database, record).run(name, indexes)
      })
      present?.end()
      tables.set(name, table)
      return true
    },
    drop: (name) => {
      const table = tables.get(name)
      if (table === undefined) return
      inTransaction(database, () => {
        database.exec(`DROP TABLE ${table.identifier}`)
        prepare(database, 'DELETE FROM tidings_tables WHERE name = ?').run(name)
      })
      table.end()
      tables.delete(name)
    },
    forgetRows: recent.clear,
  }
}

// A list of fields; where ties come in any order, the layout without its name. The document may not have the values any more.
function writeIndexes({ indexes, tiesInAnyOrder = [] }: TableLayout): string {
  return JSON.stringify(tiesInAnyOrder.length === 0 ? indexes : { indexes, tiesInAnyOrder })
}

function readLayout(name: string, text: string): TableLayout {
  const read = JSON.parse(text) as readonly string[] | Omit<TableLayout, 'name'>
  return 'indexes' in read ? { name, ...read } : { name, indexes: read }
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
  for (const field of wanted.fields.filter((each) => present.fields.includes(each))) {
    if (wanted.isByKey(field) === present.isByKey(field)) continue
    database.exec(`DROP INDEX ${quoted(indexOf(present.name, field))}`)
    createIndex(database, wanted, field)
  }
}

function createIndex(database: DatabaseSync, table: SqliteTable, field: string): void {
  const key = table.isByKey(field) ? ', key' : ''
  database.exec(
    `CREATE INDEX ${quoted(indexOf(table.name, field))} ON ${table.identifier} (${quoted(columnOf(field))}${key})`,
  )
}
