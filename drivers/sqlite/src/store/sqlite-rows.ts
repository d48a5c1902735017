// Reads rows by key, by range or by index. Invariant: each read is bounded and leaves no cursor open.
// Order of an index: rows without a value first, then numbers, then text by its UTF-8 bytes. Rows of the same value come by key.

import { invariant } from 'tidings/errors'
import type { ColumnCondition, ColumnValue, RowQuery, StoredRow } from 'tidings/ports'
import { columnOf, quoted } from '../database/sqlite-names.ts'
import { bindable, isByKey, type SqliteTable, storedRow } from './sqlite-tables.ts'

type Value = ReturnType<typeof bindable>

/** The conditions of a read and the values they bind. */
interface Part {
  readonly where: readonly string[]
  readonly values: readonly Value[]
}

const everything: readonly Part[] = [{ where: [], values: [] }]

/** The row of a key. */
export function getRow(table: SqliteTable, key: string): StoredRow | undefined {
  return table.row(key) ?? undefined
}

/** Rows by range or index. */
export function findRows(table: SqliteTable, query: RowQuery): StoredRow[] {
  if (table.isEmpty) return []
  const rows = foundRows(table, query)
  if (rows.length === 0 && isOfAll(query)) table.noteEmpty()
  return rows
}

/** Whether a query leaves out no row, save for its limit. */
function isOfAll({ index, where = [], after, fromKey, toKey, limit }: RowQuery): boolean {
  const isNarrow = [index?.equals, after, fromKey, toKey].some((bound) => bound !== undefined)
  return limit > 0 && !isNarrow && where.length === 0
}

function foundRows(table: SqliteTable, query: RowQuery): StoredRow[] {
  const { index, reverse = false, limit } = query
  const direction = reverse ? 'DESC' : 'ASC'
  const conditions = (query.where ?? []).map((condition) => equal(table, condition))
  if (index === undefined) return select(table, [byKey(query)], conditions, `key ${direction}`, limit)
  if (index.equals !== undefined) {
    const wanted = equal(table, { column: index.column, equals: index.equals })
    return select(table, [afterKey(query)], [wanted, ...conditions], `key ${direction}`, limit)
  }
  const column = indexedColumn(table, index.column)
  if (isByKey(table.layout, index.column))
    return select(table, alongIndex(column, query), conditions, `${column} ${direction}, key ${direction}`, limit)
  invariant(query.after === undefined, `a read along ${column}, whose ties come in any order, is not continued`)
  return select(table, everything, conditions, `${column} ${direction}`, limit)
}

function indexedColumn(table: SqliteTable, field: string): string {
  invariant(table.fields.includes(field), `table ${table.name} has an index over ${field}`)
  return quoted(columnOf(field))
}

// Columns hold booleans as 0 and 1. Where that could be either, the document decides.
function equal(table: SqliteTable, { column: field, equals }: ColumnCondition): Part {
  const where = [`${indexedColumn(table, field)} IS ?`]
  const inDocument = `json_type(doc, '$."${field}"')`
  if (typeof equals === 'boolean') where.push(`coalesce(${inDocument}, '') NOT IN ('integer', 'real')`)
  else if (equals === 0 || equals === 1) where.push(`coalesce(${inDocument}, '') NOT IN ('true', 'false')`)
  return { where, values: [bindable(equals)] }
}

/** The number of rows. */
export function countRows(table: SqliteTable): number {
  if (table.isEmpty) return 0
  return Number(table.statement(`SELECT count(*) FROM ${table.identifier}`).get()?.[0])
}

function byKey(query: RowQuery): Part {
  const after = afterKey(query)
  const where = [...after.where]
  const values = [...after.values]
  if (query.fromKey !== undefined) {
    where.push('key >= ?')
    values.push(query.fromKey)
  }
  if (query.toKey !== undefined) {
    where.push('key < ?')
    values.push(query.toKey)
  }
  return { where, values }
}

function afterKey({ after, reverse = false }: RowQuery): Part {
  if (after === undefined) return { where: [], values: [] }
  return { where: [reverse ? 'key < ?' : 'key > ?'], values: [after.key] }
}

/**
 * The rest of an index after a row, as ranges that SQLite can seek. Rows without a value are a range of their own, because no comparison
 * with NULL is true.
 */
function alongIndex(column: string, query: RowQuery): readonly Part[] {
  const { after, reverse = false } = query
  if (after === undefined) return everything
  const value: ColumnValue = after.column ?? null
  if (value === null) {
    const rest = afterKey(query)
    const withoutValue = { where: [`${column} IS NULL`, ...rest.where], values: rest.values }
    // Every value is at least minus infinity, so the second range has all rows with a value.
    return reverse ? [withoutValue] : [withoutValue, { where: [`${column} >= -9e999`], values: [] }]
  }
  const values = [bindable(value), after.key]
  if (!reverse) return [{ where: [`(${column}, key) > (?, ?)`], values }]
  return [
    { where: [`(${column}, key) < (?, ?)`], values },
    { where: [`${column} IS NULL`], values: [] },
  ]
}

function select(
  table: SqliteTable,
  parts: readonly Part[],
  conditions: readonly Part[],
  order: string,
  limit: number,
): StoredRow[] {
  const rows: StoredRow[] = []
  for (const part of parts) {
    if (rows.length >= limit) break
    const all = [...conditions, part]
    const where = all.flatMap((each) => each.where)
    const values = all.flatMap((each) => each.values)
    const filter = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`
    const sql = `SELECT key, revision, schema_version, doc FROM ${table.identifier} ${filter} ORDER BY ${order} LIMIT ?`
    for (const row of table.statement(sql).all(...values, limit - rows.length)) rows.push(storedRow(row))
  }
  return rows
}
