// A row as it was read from the store, in the form of the write that left it.

import type { ColumnValue, RowWrite, StoredRow } from '../../ports/index.ts'
import type { BoundTable } from '../tables/bind-tables.ts'

/** The write that has left a row as it is now; without a row, that of its deletion. */
export function writeOf(table: string, { indexes }: BoundTable, key: string, stored: StoredRow | undefined): RowWrite {
  if (stored === undefined) return { table, key, row: null }
  const { schemaVersion, json } = stored
  return { table, key, row: { schemaVersion, json, columns: indexes.length === 0 ? [] : columnsOf(json, indexes) } }
}

// The document has the value of each indexed field (see `RowWrite`).
function columnsOf(json: string, indexes: readonly string[]): readonly ColumnValue[] {
  const document: unknown = JSON.parse(json)
  return indexes.map((field) => {
    if (typeof document !== 'object' || document === null || !Object.hasOwn(document, field)) return null
    const value = (document as Readonly<Record<string, unknown>>)[field]
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
  })
}
