// The tables of a store: creates and changes them to match their layouts. A table comes into the file with its first row, in the transaction that
// writes it: most services never use most tables of the runtime, and creating them took a third of a first start.
// Invariant: `tidings_tables` has the tables of the catalogue that are in the file, because this process is the only writer.

import type { DatabaseSync } from 'node:sqlite'
import { invariant } from 'tidings/errors'
import type { TableLayout } from 'tidings/ports'
import { inTransaction, prepare } from '../database/sqlite-connection.ts'
import { boundedName, columnOf, indexOf, quoted } from '../database/sqlite-names.ts'
import { createRecentRows } from './sqlite-recent-rows.ts'
import { isByKey, SqliteTable } from './sqlite-tables.ts'

/** The tables of a store. */
export interface Catalogue {
  readonly names: () => readonly string[]
  /** A table. The caller must have ensured it before. */
  readonly table: (name: string) => SqliteTable
  /** Returns whether anything had to be written. */
  readonly ensure: (layout: TableLayout) => boolean
  readonly drop: (name: string) => void
  /** Whether there are tables that are not in the file yet. */
  readonly hasWaiting: boolean
  /** Brings them into the file, for those who read it with SQL. */
  readonly storeAll: () => void
  /** Forgets what a rollback may have undone: tables that came into the file, and the rows that were read lately. */
  readonly reload: () => void
}

/** Opens the catalogue of a store. */
export function openCatalogue(database: DatabaseSync): Catalogue {
  const tables = new Map<string, SqliteTable>()
  const recent = createRecentRows()
  const waiting = new Set<SqliteTable>()
  /** Those that came into the file since the store was opened. */
  const added = new Set<SqliteTable>()
  const store = (table: SqliteTable) => {
    waiting.delete(table)
    added.add(table)
    createTable(database, table)
  }
  const tableOf = (layout: TableLayout, isStored: boolean) => {
    const table = new SqliteTable(database, { layout, recent: recent.ofTable(), store: isStored ? undefined : store })
    tables.set(layout.name, table)
    if (!isStored) waiting.add(table)
  }
  const forget = (table: SqliteTable) => {
    table.end()
    waiting.delete(table)
    added.delete(table)
    tables.delete(table.name)
  }
  const reload = () => {
    recent.clear()
    if (added.size === 0) return
    const stored = new Map(storedTables(database))
    for (const table of added) {
      if (stored.has(table.name)) continue
      table.storeLater(store)
      added.delete(table)
      waiting.add(table)
    }
  }
  for (const [name, indexes] of storedTables(database)) tableOf(readLayout(name, indexes), true)
  return {
    names: () => [...tables.keys()].sort(),
    table: (name) => {
      const table = tables.get(name)
      if (table === undefined) invariant(false, `table ${name} was ensured before it is used`)
      return table
    },
    ensure: (layout) => {
      const present = tables.get(layout.name)
      if (present !== undefined && indexesText(present.layout) === indexesText(layout)) return false
      const isStored = present?.isStored === true
      if (isStored) inTransaction(database, () => alterTable(database, present, layout))
      if (present !== undefined) forget(present)
      tableOf(layout, isStored)
      return isStored
    },
    drop: (name) => {
      const table = tables.get(name)
      if (table === undefined) return
      if (table.isStored)
        inTransaction(database, () => {
          database.exec(`DROP TABLE ${table.identifier}`)
          prepare(database, 'DELETE FROM tidings_tables WHERE name = ?').run(name)
        })
      forget(table)
    },
    get hasWaiting() {
      return waiting.size > 0
    },
    storeAll: () => {
      try {
        inTransaction(database, () => {
          for (const table of waiting) table.store()
        })
      } catch (error) {
        reload()
        throw error
      }
    },
    reload,
  }
}

function storedTables(database: DatabaseSync): [name: string, indexes: string][] {
  const rows = prepare(database, 'SELECT name, indexes FROM tidings_tables').all()
  return rows.map(([name, indexes]) => [String(name), String(indexes)])
}

// A list of fields; where ties come in any order, the layout without its name.
function indexesText({ indexes, tiesInAnyOrder = [] }: TableLayout): string {
  return JSON.stringify(tiesInAnyOrder.length === 0 ? indexes : { indexes, tiesInAnyOrder })
}

function readLayout(name: string, text: string): TableLayout {
  const read = JSON.parse(text) as readonly string[] | Omit<TableLayout, 'name'>
  return 'indexes' in read ? { name, ...read } : { name, indexes: read }
}

function noteTable(database: DatabaseSync, layout: TableLayout): void {
  const record = 'INSERT INTO tidings_tables VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET indexes = excluded.indexes'
  prepare(database, record).run(layout.name, indexesText(layout))
}

function createTable(database: DatabaseSync, table: SqliteTable): void {
  const columns = table.fields.map((field) => `, ${quoted(columnOf(field))}`).join('')
  database.exec(`CREATE TABLE ${table.identifier} (key TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL,
    schema_version INTEGER NOT NULL, doc TEXT NOT NULL${columns})`)
  for (const field of table.fields) createIndex(database, table.layout, field)
  noteTable(database, table.layout)
}

function alterTable(database: DatabaseSync, present: SqliteTable, wanted: TableLayout): void {
  const fields = wanted.indexes
  for (const field of present.fields.filter((each) => !fields.includes(each))) {
    database.exec(`DROP INDEX ${quoted(indexOf(present.name, field))}`)
    database.exec(`ALTER TABLE ${present.identifier} DROP COLUMN ${quoted(columnOf(field))}`)
  }
  for (const field of fields.filter((each) => !present.fields.includes(each))) {
    const column = quoted(columnOf(field))
    const path = `'$."${field}"'`
    database.exec(`ALTER TABLE ${present.identifier} ADD COLUMN ${column}`)
    database.exec(`UPDATE ${present.identifier} SET ${column} = json_extract(doc, ${path})
      WHERE json_type(doc, ${path}) NOT IN ('object', 'array', 'null')`)
    createIndex(database, wanted, field)
  }
  for (const field of fields.filter((each) => present.fields.includes(each))) {
    if (isByKey(wanted, field) === isByKey(present.layout, field)) continue
    database.exec(`DROP INDEX ${quoted(indexOf(present.name, field))}`)
    createIndex(database, wanted, field)
  }
  noteTable(database, wanted)
}

function createIndex(database: DatabaseSync, layout: TableLayout, field: string): void {
  const key = isByKey(layout, field) ? ', key' : ''
  const table = quoted(boundedName(layout.name))
  database.exec(`CREATE INDEX ${quoted(indexOf(layout.name, field))} ON ${table} (${quoted(columnOf(field))}${key})`)
}
