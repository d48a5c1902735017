// What user code asks of a table, checked: `find` and `list` give all rows or fail, `page` gives a part and the token of the next one.
// Invariant: no read leaves rows out without saying so.

import { TidingsError } from '../../errors/index.ts'
import type { ColumnCondition, ColumnValue } from '../../ports/index.ts'
import type { Page, PageOptions, ReadOptions } from '../../services/index.ts'
import { type PagedReading, pageToken, placeInToken } from './page-token.ts'
import { type ReadableTable, type RowPlace, readRows } from './read-rows.ts'

/** A table to read, as errors and tokens name it. */
export interface AskedTable extends ReadableTable {
  /** `Table payments`, `Replica customers`. */
  readonly what: string
}

/** The most rows of one read. */
export const readRowsMax = 10_000
const pageSize = 100

/** Reads the rows that meet the conditions, in the order of their keys. Throws `TOO_MANY_ROWS` if they are too many and no limit was given. */
export async function allRows(
  table: AskedTable,
  where: readonly ColumnCondition[],
  { limit, after, reverse = false }: ReadOptions = {},
): Promise<readonly unknown[]> {
  const read = await readRows(table, {
    where,
    reverse,
    limit: limit === undefined ? readRowsMax : countOf('limit', limit),
    after: after === undefined ? undefined : { key: after },
  })
  if (limit === undefined && read.more) {
    throw new TidingsError(
      'TOO_MANY_ROWS',
      `${table.what} has more than ${readRowsMax} rows${where[0] === undefined ? '' : ` with that ${where[0].column}`}, and a read without a limit gives all or none.`,
      { details: { indexes: where.map(({ column }) => column) } },
    )
  }
  return read.rows
}

/** Reads one page of rows. */
export async function pageOfRows(table: AskedTable, options: PageOptions = {}): Promise<Page<unknown>> {
  const { where: asked = {}, search, sort, reverse = false, size = pageSize, after } = options
  const where = Object.entries(asked)
    .filter(([, equals]) => equals !== undefined)
    .map(([column, equals]) => condition(table, column, equals))
  if (sort !== undefined) checkIndex(table, sort)
  if (search !== undefined && typeof search !== 'string')
    throw new TidingsError('INVALID_PAYLOAD', `A page of ${table.what} searches for a value of type ${typeof search}.`)
  // Among rows that have one value, the order of that value is the order of keys.
  const order = where.some(({ column }) => column === sort) ? undefined : sort
  const reading: PagedReading = {
    of: `${table.store.service}/${table.physical.split('@', 1)[0]}`,
    sort: `${sort ?? 'key'}${reverse ? ' descending' : ''}`,
    selection: JSON.stringify([[...where].sort((a, b) => (a.column < b.column ? -1 : 1)), search ?? '']),
  }
  const read = await readRows(table, {
    where,
    sort: order,
    reverse,
    limit: countOf('size', size),
    after: after === undefined ? undefined : (placeInToken(after, reading) as RowPlace),
    ...(search === undefined || search === '' ? {} : { matches: contains(search) }),
  })
  return { rows: read.rows, next: read.more ? pageToken(reading, read.last) : undefined }
}

/** A condition on an indexed field; throws `NOT_DECLARED` or `INVALID_PAYLOAD`. */
export function condition(table: AskedTable, column: string, equals: unknown): ColumnCondition {
  checkIndex(table, column)
  const usable =
    equals === null ||
    typeof equals === 'boolean' ||
    (typeof equals === 'number' && Number.isFinite(equals)) ||
    (typeof equals === 'string' && equals.isWellFormed())
  if (!usable) {
    const shown = typeof equals === 'number' ? equals : `a value of type ${typeof equals}`
    throw new TidingsError('INVALID_PAYLOAD', `A read of ${table.what} asks for rows whose ${column} is ${shown}.`)
  }
  return { column, equals: equals as ColumnValue }
}

function checkIndex({ what, indexes }: AskedTable, field: string): void {
  if (indexes.includes(field)) return
  const shown = JSON.stringify(field) ?? typeof field
  const has = indexes.length === 0 ? 'no index' : `indexes on ${indexes.map((index) => `"${index}"`).join(', ')}`
  throw new TidingsError('NOT_DECLARED', `${what} has no index on ${shown}; it has ${has}.`, {
    hint: what.startsWith('Replica ')
      ? `Declare the index: \`replicaOf(…, { indexes: [${shown}] })\`. The replica is rebuilt at the next start.`
      : `Declare the index: \`.index(${shown})\` after \`.key(…)\` of the table. It is filled at the next start.`,
    details: { indexes },
  })
}

/** A number of rows or facts; throws `INVALID_PAYLOAD`. */
export function countOf(option: 'limit' | 'size', count: unknown): number {
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 1 && count <= readRowsMax) return count
  throw new TidingsError(
    'INVALID_PAYLOAD',
    `A read has the ${option} ${String(count)}; it must be a whole number from 1 to ${readRowsMax}.`,
  )
}

// Whether the key or a text in the row contains the searched one, whatever the case.
function contains(search: string): (key: string, row: unknown) => boolean {
  const wanted = search.toLowerCase()
  const has = (value: unknown): boolean => {
    if (typeof value === 'string') return value.toLowerCase().includes(wanted)
    if (typeof value === 'number') return String(value).includes(wanted)
    return typeof value === 'object' && value !== null && Object.values(value).some(has)
  }
  return (key, row) => key.toLowerCase().includes(wanted) || has(row)
}
