// Reads a table to its end, page by page. Invariant: it gives every row, however many there are.
import type { Page, PageOptions } from 'tidings'

/** Reads all rows of a table, or those that a page is asked for with `where`. */
export async function readAll<Row>(
  read: (options: Pick<PageOptions, 'size' | 'after'>) => Promise<Page<Row>>,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (let after: string | undefined; ; ) {
    const page = await read({ size: 10_000, after })
    for (const row of page.rows) rows.push(row)
    if (page.next === undefined) return rows
    after = page.next
  }
}
