// A projection by hand: reads history in pages; for each event it reads the customer's row, changes it and writes it back, validated. A page
// is one transaction, in a table beside the live one, and at the end they switch.
// Invariant: the table and its position are committed together, so a killed rebuild can continue.

import { CustomerRow } from '../orders.ts'
import type { Database } from './open-database.ts'
import { orderOf } from './streams.ts'

const pageCount = 1_000

/** Rebuilds the orders and cents of each customer from all events; returns the number of events. */
export async function rebuildByCustomer({ sqlite, transaction }: Database): Promise<number> {
  sqlite.exec(`DROP TABLE IF EXISTS by_customer_next;
    CREATE TABLE by_customer_next (customer TEXT PRIMARY KEY, orders INTEGER NOT NULL, cents INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS progress (projection TEXT PRIMARY KEY, position INTEGER NOT NULL);
    DELETE FROM progress`)
  const read = sqlite.prepare(
    `SELECT position, type, version, data FROM events WHERE position > ? ORDER BY position LIMIT ?`,
  )
  read.setReturnArrays(true)
  const get = sqlite.prepare('SELECT orders, cents FROM by_customer_next WHERE customer = ?')
  get.setReturnArrays(true)
  const put = sqlite.prepare(`INSERT INTO by_customer_next VALUES (?, ?, ?)
    ON CONFLICT (customer) DO UPDATE SET orders = excluded.orders, cents = excluded.cents`)
  const save = sqlite.prepare(
    `INSERT INTO progress VALUES ('by-customer', ?) ON CONFLICT (projection) DO UPDATE SET position = excluded.position`,
  )

  function project(type: string, version: number, data: string): void {
    const { customerId, cents } = orderOf(type, version, data)
    const [orders, total] = (get.get(customerId) ?? [0, 0]) as unknown as [number, number]
    const row = CustomerRow.parse({ customer: customerId, orders: orders + 1, cents: total + cents })
    put.run(row.customer, row.orders, row.cents)
  }

  let position = 0
  let count = 0
  for (;;) {
    const rows = read.all(position, pageCount) as unknown as [number, string, number, string][]
    const last = rows.at(-1)
    if (last === undefined) break
    transaction(() => {
      for (const [, type, version, data] of rows) project(type, version, data)
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
