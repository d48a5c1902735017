// Reads a table to its end, page by page. Invariant: no read asks for more rows than a read may return.
import type { ReadOptions } from 'tidings'

const pageCount = 10_000

/** Reads all rows of a table or of an index, page by page; `keyOf` is the row's key. */
export async function readAll<Row>(
  read: (options: ReadOptions) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (;;) {
    const last = rows.at(-1)
    const page = await read({ limit: pageCount, ...(last === undefined ? {} : { after: keyOf(last) }) })
    for (const row of page) rows.push(row)
    if (page.length < pageCount) return rows
  }
}
