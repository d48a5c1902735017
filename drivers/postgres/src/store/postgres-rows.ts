// Reads rows by key, by range or by index. Invariant: each read is one bounded statement.
// Order of an index: rows without a value first, then numbers, then text by its UTF-8 bytes. Rows of the same value come by key. Each part of an index that
// Postgres can seek is a branch of its own (rows without a value, short values, long values); the branches are merged by a last sort of few rows.

import { invariant } from 'tidings/errors'
import type { ColumnCondition, ColumnValue, RowQuery, StoredRow } from 'tidings/ports'
import { textArray } from '../database/postgres-arrays.ts'
import type { PostgresConnections } from '../database/postgres-connections.ts'
import { columnOf, quoted } from '../database/postgres-names.ts'
import type { PostgresTable } from './postgres-catalogue.ts'
import {
  beginningOf,
  bytesOf,
  canHold,
  castOf,
  encodeColumn,
  isLong,
  isShort,
  mayBeLong,
  type StoredColumn,
  wholeBytesMax,
} from './postgres-columns.ts'

type Reader = Pick<PostgresConnections, 'query'>

const rowColumns = 'key, revision, schema_version, doc'

function storedRow([key, revision, schemaVersion, json]: readonly unknown[]): StoredRow {
  return { key, revision, schemaVersion, json } as StoredRow
}

/** The row of a key. */
export async function getRow(
  reader: Reader,
  { identifier }: PostgresTable,
  key: string,
): Promise<StoredRow | undefined> {
  const { rows } = await reader.query(`SELECT ${rowColumns} FROM ${identifier} WHERE key = $1`, [key])
  return rows[0] === undefined ? undefined : storedRow(rows[0])
}

/** The rows of several keys, in the order of `keys`. */
export async function getRows(reader: Reader, { identifier }: PostgresTable, keys: readonly string[]) {
  if (keys.length === 0) return []
  const { rows } = await reader.query(`SELECT ${rowColumns} FROM ${identifier} WHERE key = ANY ($1::text[])`, [
    textArray(keys),
  ])
  const byKey = new Map(rows.map((row) => [row[0], storedRow(row)]))
  return keys.map((key) => byKey.get(key))
}

/** The number of rows. */
export async function countRows(reader: Reader, { identifier }: PostgresTable): Promise<number> {
  const { rows } = await reader.query(`SELECT count(*) FROM ${identifier} WHERE $1`, [true])
  return rows[0]?.[0] as number
}

/** Rows by range or index. */
export async function findRows(reader: Reader, table: PostgresTable, query: RowQuery): Promise<StoredRow[]> {
  const statement = new FindStatement(table, query)
  if (statement.findsNothing) return []
  const { rows } = await reader.query(statement.text, statement.values)
  return rows.map(storedRow)
}

class FindStatement {
  readonly values: (string | number | null)[] = []
  readonly text: string
  /** A condition asks for a value of a type that its column never has. */
  findsNothing = false
  readonly #table: PostgresTable
  readonly #query: RowQuery
  readonly #direction: 'ASC' | 'DESC'

  constructor(table: PostgresTable, query: RowQuery) {
    this.#table = table
    this.#query = query
    this.#direction = query.reverse === true ? 'DESC' : 'ASC'
    const conditions = (query.where ?? []).map((condition) => this.#equal(condition))
    const limit = `LIMIT ${this.#bind(query.limit, 'bigint')}`
    const { index } = query
    if (index === undefined) this.text = this.#select([...conditions, ...this.#keyRange()], this.#byKey, limit)
    else if (index.equals !== undefined) {
      const wanted = this.#equal({ column: index.column, equals: index.equals })
      this.text = this.#select([wanted, ...conditions, ...this.#afterKey()], this.#byKey, limit)
    } else this.text = this.#alongIndex(this.#column(index.column), conditions, limit)
  }

  get #byKey(): string {
    return `key ${this.#direction}`
  }

  #bind(value: string | number | null, type: string): string {
    this.values.push(value)
    return `$${this.values.length}::${type}`
  }

  #column(field: string): StoredColumn {
    invariant(this.#table.fields.includes(field), `table ${this.#table.name} has an index over ${field}`)
    const column = this.#table.stored.columns.find((each) => each.field === field)
    if (column === undefined) invariant(false, `the column ${field} of table ${this.#table.name} is there`)
    return column
  }

  #equal({ column: field, equals }: ColumnCondition): string {
    const stored = this.#column(field)
    const column = quoted(columnOf(field))
    if (!canHold(stored, equals)) this.findsNothing = true
    if (this.findsNothing) return 'false'
    if (equals === null)
      return mayBeLong(stored.type) ? `${column} IS NULL AND ${isShort(column)}` : `${column} IS NULL`
    const value = this.#bind(encodeColumn(stored, equals), castOf[stored.type])
    if (!mayBeLong(stored.type)) return `${column} = ${value}`
    if (bytesOf(stored, equals) <= wholeBytesMax) return `${column} = ${value} AND ${isShort(column)}`
    return `${beginningOf(stored.type, column)} = ${beginningOf(stored.type, value)} AND ${column} = ${value} AND ${isLong(column)}`
  }

  #keyRange(): string[] {
    const { fromKey, toKey } = this.#query
    const range = this.#afterKey()
    if (fromKey !== undefined) range.push(`key >= ${this.#bind(fromKey, 'text')}`)
    if (toKey !== undefined) range.push(`key < ${this.#bind(toKey, 'text')}`)
    return range
  }

  #afterKey(): string[] {
    const { after } = this.#query
    return after === undefined ? [] : [`key ${this.#beyond} ${this.#bind(after.key, 'text')}`]
  }

  get #beyond(): string {
    return this.#direction === 'ASC' ? '>' : '<'
  }

  #alongIndex(stored: StoredColumn, conditions: readonly string[], limit: string): string {
    const { after } = this.#query
    const column = quoted(columnOf(stored.field))
    invariant(
      !stored.anyOrder || after === undefined,
      `a read along ${column}, whose ties come in any order, is not continued`,
    )
    const nulls = this.#direction === 'ASC' ? 'NULLS FIRST' : 'NULLS LAST'
    const order = `${column} ${this.#direction} ${nulls}, ${this.#byKey}`
    const branches = this.#parts(stored, column, after).map(({ where, isOfLong }) => {
      const first = isOfLong ? `${beginningOf(stored.type, column)} ${this.#direction}, ` : ''
      return this.#select([...conditions, ...where], `${first}${order}`, limit, `, ${column} AS along`)
    })
    if (branches.length === 1) return branches[0] as string
    const all = branches.map((branch) => `(${branch})`).join(' UNION ALL ')
    return `SELECT ${rowColumns} FROM (${all}) AS branches ORDER BY along ${this.#direction} ${nulls}, ${this.#byKey} ${limit}`
  }

  /** The parts of an index that come after a row. */
  #parts(stored: StoredColumn, column: string, after: RowQuery['after']) {
    const short = mayBeLong(stored.type) ? [isShort(column)] : []
    const none = (where: readonly string[]) => ({ where: [`${column} IS NULL`, ...short, ...where], isOfLong: false })
    const rest = (where: readonly string[], whereLong: readonly string[] = where) => [
      { where: [...short, ...where], isOfLong: false },
      ...(mayBeLong(stored.type) ? [{ where: [isLong(column), ...whereLong], isOfLong: true }] : []),
    ]
    if (after === undefined) return rest([])
    const value: ColumnValue = after.column ?? null
    const isForwards = this.#direction === 'ASC'
    if (value === null) return [none(this.#afterKey()), ...(isForwards ? rest([`${column} IS NOT NULL`]) : [])]
    const bound = this.#bind(encodeColumn(stored, value), castOf[stored.type])
    const beyond = `(${column}, key) ${this.#beyond} (${bound}, ${this.#bind(after.key, 'text')})`
    const beginning = `${beginningOf(stored.type, column)} ${this.#beyond}= ${beginningOf(stored.type, bound)}`
    return [...rest([beyond], [beginning, beyond]), ...(isForwards ? [] : [none([])])]
  }

  #select(where: readonly string[], order: string, limit: string, more = ''): string {
    const filter = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`
    return `SELECT ${rowColumns}${more} FROM ${this.#table.identifier} ${filter} ORDER BY ${order} ${limit}`
  }
}
