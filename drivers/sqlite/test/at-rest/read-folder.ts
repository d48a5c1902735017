// Reads what a data folder holds with SQLite alone: names are looked at as they are at rest, whatever the code calls them.

import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A row of a table that the runtime or a service keeps. */
export interface RowAtRest {
  readonly key: string
  readonly schemaVersion: number
  /** The document, parsed. */
  readonly doc: Readonly<Record<string, unknown>>
}

type Values = Readonly<Record<string, unknown>>

function withStore<T>(directory: string, service: string, read: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path.join(directory, `${service}.db`))
  try {
    return read(database)
  } finally {
    database.close()
  }
}

/** All rows of a statement. */
export function rowsOf(directory: string, service: string, sql: string): readonly Values[] {
  return withStore(directory, service, (database) =>
    database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row })),
  )
}

/** The rows of a table, in the order of their keys. */
export function tableOf(directory: string, service: string, table: string): readonly RowAtRest[] {
  return rowsOf(directory, service, `SELECT key, schema_version, doc FROM "${table}" ORDER BY key`).map((row) => ({
    key: String(row.key),
    schemaVersion: Number(row.schema_version),
    doc: JSON.parse(String(row.doc)) as Values,
  }))
}

/** The keys of a table, in order. */
export function keysOf(directory: string, service: string, table: string): readonly string[] {
  return tableOf(directory, service, table).map(({ key }) => key)
}

/**
 * A store as text, line by line, without what may differ from code to code that keeps the same things under the same names: ids, moments,
 * durations, texts for people, revisions, and which deliveries shared a commit.
 */
export function linesOf(directory: string, service: string): readonly string[] {
  return withStore(directory, service, (database) => {
    const all = (sql: string) => database.prepare(sql).all() as Record<string, unknown>[]
    const pragmas = ['application_id', 'user_version'].map(
      (name) => `${name} ${JSON.stringify(all(`PRAGMA ${name}`)[0]?.[name])}`,
    )
    const schema = all('SELECT type, name, sql FROM sqlite_schema ORDER BY name').map(
      ({ type, name, sql }) => `${type} ${name}: ${String(sql).replaceAll(/\s+/g, ' ')}`,
    )
    const rows = all(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).flatMap(({ name }) => [
      ...new Set(
        all(`SELECT * FROM "${name}"`)
          .map((row) => lineOf(String(name), row))
          .sort(),
      ),
    ])
    return [...pragmas, ...schema, ...rows]
  })
}

function lineOf(table: string, { revision: _, ...row }: Record<string, unknown>): string {
  const doc = typeof row.doc === 'string' ? (JSON.parse(row.doc) as unknown) : undefined
  if (table === 'tidings.deliveries') {
    const fields = Object.keys(doc as Values).filter((field) => field !== 'attempts' && field !== 'held')
    return `${table} ${String(row.key).replace(/[0-9]+$/, '…')} ${fields.join()}`
  }
  if (row.name === 'revision-block') return `${table} ${row.name}`
  const text = JSON.stringify({ ...row, ...(doc === undefined ? {} : { doc }) }, (key, value: unknown) =>
    ['message', 'hint', 'stack', 'batches'].includes(key) ? '…' : value,
  )
  return `${table} ${text.replaceAll(/id-[0-9]{12}/g, 'id').replaceAll(/\b17[0-9]{11}\b/g, 'moment')}`
}
