// Tables as user code sees them: rows decoded from the text that a unit of work or a store holds.
// Invariant: `put` validates a row, and a later `get` returns exactly that row, upcast if the schema has a newer version.

import {
  checkKey,
  type PayloadLimits,
  readVersion,
  type TableDefinition,
  toJson,
  type Unique,
  type VersionChain,
  validateLatest,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { ColumnValue, Store } from '../../ports/index.ts'
import type { TableReader, TableWriter } from '../../services/index.ts'
import type { RowText } from '../unit-of-work/row-cache.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type AskedTable, allRows, condition, pageOfRows } from './ask-for-rows.ts'
import { uniqueValue } from './unique-value.ts'

/** A table and the name it has in the store now. */
export interface BoundTable {
  /** The physical name; asked for at each use, since a rebuild may switch generations. */
  readonly physical: () => string
  readonly chain: VersionChain
  readonly indexes: readonly string[]
  readonly uniques: readonly Unique[]
  /** Its name, if it is a replica. */
  readonly replica?: string
  readonly keyOf: (row: unknown) => string
}

/** Binds a table definition to its name in the store. */
export function boundTable(definition: TableDefinition, physical: () => string): BoundTable {
  const { chain, indexes, uniques } = definition
  return { physical, chain, indexes, uniques, keyOf: (row) => definition.keyOf(row) }
}

/** Where reads come from: the store alone, or a unit of work. */
export interface RowSource {
  readonly store: Store
  /** Absent for reads that see only committed state and are not checked at commit. */
  readonly unit?: UnitOfWork
}

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
      const asked = askedTable(source, table)
      return allRows(asked, [condition(asked, index, value)], options)
    },
    list: (options) => allRows(askedTable(source, table), [], options),
    page: (options) => pageOfRows(askedTable(source, table), options),
  }
}

function askedTable({ store, unit }: RowSource, table: BoundTable): AskedTable {
  const { indexes, chain, replica } = table
  const what = replica === undefined ? chain.what : `Replica ${replica}`
  return { what, store, unit, physical: table.physical(), indexes, decode: (row) => decode(table, row) }
}

/** Reads and writes of a table. */
export function tableWriter(unit: UnitOfWork, table: BoundTable, limits: PayloadLimits): TableWriter<unknown> {
  return {
    ...tableReader({ store: unit.store, unit }, table),
    put: (input) => {
      const row = validateLatest(table.chain, input)
      const key = checkKey(table.chain.what, table.keyOf(row))
      const encoded = encode(table, row, limits)
      if (table.uniques.length > 0) {
        for (const unique of table.uniques) uniqueValue(table.chain.what, unique, row)
        unit.noteOverwritten(table.physical(), key)
      }
      unit.put(table.physical(), key, encoded)
    },
    remove: (key) => {
      checkKey(table.chain.what, key)
      if (table.uniques.length > 0) unit.noteOverwritten(table.physical(), key)
      unit.deleteRow(table.physical(), key)
    },
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
