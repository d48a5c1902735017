// Tables as user code sees them: rows decoded from the text that a unit of work or a store holds.
// Invariant: `put` validates a row, and a later `get` returns exactly that row, upcast if the schema has a newer version.

import {
  checkKey,
  type PayloadLimits,
  readVersion,
  type TableDefinition,
  toJson,
  type VersionChain,
  validateLatest,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import { type ColumnValue, compareText, type RowQuery, type Store, type StoredRow } from '../../ports/index.ts'
import type { ReadOptions, TableReader, TableWriter } from '../../services/index.ts'
import type { RowText } from '../unit-of-work/row-cache.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** A table and the name it has in the store now. */
export interface BoundTable {
  /** The physical name; asked for at each use, since a rebuild may switch generations. */
  readonly physical: () => string
  readonly chain: VersionChain
  readonly indexes: readonly string[]
  readonly keyOf: (row: unknown) => string
}

/** Binds a table definition to its name in the store. */
export function boundTable(definition: TableDefinition, physical: () => string): BoundTable {
  return { physical, chain: definition.chain, indexes: definition.indexes, keyOf: (row) => definition.keyOf(row) }
}

/** Where reads come from: the store alone, or a unit of work. */
export interface RowSource {
  readonly store: Store
  /** Absent for reads that see only committed state and are not checked at commit. */
  readonly unit?: UnitOfWork
}

const readLimitMax = 10_000

/** Reads of a table. */
export function tableReader(source: RowSource, table: BoundTable): TableReader<unknown> {
  return {
    get: (key) => {
      try {
        const row = getRow(source, table.physical(), checkKey('a row', key))
        return row instanceof Promise ? row.then((found) => decode(table, found)) : Promise.resolve(decode(table, row))
      } catch (error) {
        return Promise.reject(error)
      }
    },
    getMany: async (keys) => {
      if (source.unit === undefined) {
        const rows = await source.store.getMany(table.physical(), keys)
        return rows.map((row) => decode(table, row))
      }
      const rows: unknown[] = []
      for (const key of keys) rows.push(decode(table, await source.unit.get(table.physical(), key)))
      return rows
    },
    find: async (index, value, options) => {
      if (!table.indexes.includes(index)) {
        throw new TidingsError('NOT_DECLARED', `${table.chain.what} has no index on ${JSON.stringify(index)}.`, {
          details: { indexes: table.indexes },
        })
      }
      return find(source, table, { column: index, equals: value }, options)
    },
    list: (options) => find(source, table, undefined, options),
  }
}

/** Reads and writes of a table. */
export function tableWriter(unit: UnitOfWork, table: BoundTable, limits: PayloadLimits): TableWriter<unknown> {
  return {
    ...tableReader({ store: unit.store, unit }, table),
    put: (input) => {
      const row = validateLatest(table.chain, input)
      unit.put(table.physical(), checkKey(table.chain.what, table.keyOf(row)), encode(table, row, limits))
    },
    remove: (key) => unit.deleteRow(table.physical(), checkKey(table.chain.what, key)),
  }
}

/** A row as text, with the values of its indexed fields. */
export function encode(
  table: BoundTable,
  row: unknown,
  limits: PayloadLimits,
): RowText & { columns: readonly ColumnValue[] } {
  const json = toJson(`A row of ${table.chain.what}`, row, limits)
  return {
    schemaVersion: table.chain.latest.version,
    json,
    columns: table.indexes.map((field) => columnOf(table, row, field)),
  }
}

function columnOf(table: BoundTable, row: unknown, field: string): ColumnValue {
  const value = (row as Record<string, unknown>)[field]
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  throw new TidingsError(
    'INVALID_PAYLOAD',
    `${table.chain.what} indexes ${field}, which holds an ${Array.isArray(value) ? 'array' : 'object'} in this row.`,
  )
}

function getRow(source: RowSource, table: string, key: string) {
  return source.unit === undefined ? source.store.get(table, key) : source.unit.get(table, key)
}

/** A stored row as user code sees it, upcast if the schema has a newer version. */
export function decode(table: BoundTable, row: RowText | undefined): unknown {
  if (row === undefined) return undefined
  const data: unknown = JSON.parse(row.json)
  if (row.schemaVersion === table.chain.latest.version) return data
  return readVersion(table.chain, { version: row.schemaVersion, readableFrom: row.schemaVersion, data })
}

async function find(
  source: RowSource,
  table: BoundTable,
  index: RowQuery['index'],
  options: ReadOptions = {},
): Promise<readonly unknown[]> {
  const limit = options.limit ?? 100
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > readLimitMax) {
    throw new TidingsError(
      'INVALID_PAYLOAD',
      `A read asks for ${limit} rows; the limit is a whole number from 1 to ${readLimitMax}.`,
    )
  }
  const physical = table.physical()
  const pending = source.unit?.pendingRows(physical)
  const query: RowQuery = {
    table: physical,
    limit: limit + (pending?.size ?? 0),
    ...(index === undefined ? {} : { index }),
    ...(options.reverse === undefined ? {} : { reverse: options.reverse }),
    ...(options.after === undefined
      ? {}
      : { after: { key: options.after, ...(index?.equals === undefined ? {} : { column: index.equals }) } }),
  }
  const stored = await source.store.find(query)
  if (source.unit === undefined) return stored.slice(0, limit).map((row) => decode(table, row))
  return overlay(source.unit, table, query, stored, limit)
}

// Merges the unit's own writes into stored rows. The commit checks that the returned rows are unchanged, not that no further row has
// appeared.
function overlay(
  unit: UnitOfWork,
  table: BoundTable,
  query: RowQuery,
  stored: readonly StoredRow[],
  limit: number,
): unknown[] {
  const pending = unit.pendingRows(query.table)
  const rows = new Map<string, RowText>()
  for (const row of stored) {
    if (pending.has(row.key)) continue
    rows.set(row.key, row)
  }
  const column = query.index === undefined ? -1 : table.indexes.indexOf(query.index.column)
  const sign = query.reverse === true ? -1 : 1
  for (const { key, row } of pending.values()) {
    if (row === null) continue
    if (column >= 0 && row.columns[column] !== query.index?.equals) continue
    if (query.after !== undefined && compareText(key, query.after.key) * sign <= 0) continue
    rows.set(key, row)
  }
  const ordered = [...rows].sort(([a], [b]) => compareText(a, b) * sign).slice(0, limit)
  const revisions = new Map(stored.map((row) => [row.key, row.revision]))
  for (const [key] of ordered) {
    const revision = revisions.get(key)
    if (revision !== undefined) unit.recordStoreRead(query.table, key, revision)
  }
  return ordered.map(([, row]) => decode(table, row))
}
