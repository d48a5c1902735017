// A projection by hand: reads history in pages, with one upsert per event and one transaction per page, into a table beside the live one,
// then switches. Invariant: the table and its position are committed together, so a killed rebuild can continue.

import type { OrderPlaced } from '../orders.ts'
import type { Database } from './open-database.ts'

const pageCount = 1_000

/** Rebuilds the orders and cents of each customer from all events; returns the number of events. */
export async function rebuildByCustomer({ sqlite, transaction }: Database): Promise<number> {
  sqlite.exec(`DROP TABLE IF EXISTS by_customer_next;
    CREATE TABLE by_customer_next (customer TEXT PRIMARY KEY, orders INTEGER NOT NULL, cents INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS progress (projection TEXT PRIMARY KEY, position INTEGER NOT NULL);
    DELETE FROM progress`)
  const read = sqlite.prepare('SELECT position, data FROM events WHERE position > ? ORDER BY position LIMIT ?')
  read.setReturnArrays(true)
  const upsert = sqlite.prepare(`INSERT INTO by_customer_next VALUES (?, 1, ?)
    ON CONFLICT (customer) DO UPDATE SET orders = orders + 1, cents = cents + excluded.cents`)
  const save = sqlite.prepare(
    `INSERT INTO progress VALUES ('by-customer', ?) ON CONFLICT (projection) DO UPDATE SET position = excluded.position`,
  )
  let position = 0
  let count = 0
  for (;;) {
    const rows = read.all(position, pageCount) as unknown as [number, string][]
    const last = rows.at(-1)
    if (last === undefined) break
    transaction(() => {
      for (const [, data] of rows) {
        const order = JSON.parse(data) as OrderPlaced
        upsert.run(order.customerId, order.cents)
      }
      save.run(last[0])
    })
    position = last[0]
    count += rows.length
    // Lets appends and reads of the same process run between two pages.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  transaction(() => sqlite.exec('DROP TABLE IF EXISTS by_customer; ALTER TABLE by_customer_next RENAME TO by_customer'))
  return count
}
