// Reads committed rows of a table in the order of their keys, page by page, however many there are.
// Invariant: each page continues behind the last key of the one before, so rows that are deleted in between skip no others.

import type { RowQuery, Store, StoredRow } from '../../ports/index.ts'

const pageCount = 1_000

/** A table, or a range of its keys. */
type RowRange = Pick<RowQuery, 'table' | 'fromKey' | 'toKey'>

/** The pages of a table, or of a range of its keys; no page is empty. */
export async function* pagesOfRows(store: Store, range: RowRange): AsyncGenerator<readonly StoredRow[]> {
  for (let after: string | undefined; ; ) {
    const rows = await store.find({
      ...range,
      limit: pageCount,
      ...(after === undefined ? {} : { after: { key: after } }),
    })
    if (rows.length > 0) yield rows
    if (rows.length < pageCount) return
    after = rows.at(-1)?.key
  }
}

/** All rows of a table, or of a range of its keys, in the order of their keys: for tables of which that many fit into memory. */
export async function allRows(store: Store, range: RowRange): Promise<readonly StoredRow[]> {
  const found: StoredRow[] = []
  for await (const rows of pagesOfRows(store, range)) found.push(...rows)
  return found
}

/** The range of all keys that begin with a prefix: up to the one with the next character in its last place. */
export function keysUnder(prefix: string): { readonly fromKey: string; readonly toKey: string } {
  const next = String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
  return { fromKey: prefix, toKey: `${prefix.slice(0, -1)}${next}` }
}
