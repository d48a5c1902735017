// The subscribing service by hand: reads the publisher's outbox after its checkpoint. Each event writes a row and publishes one event; a
// batch and the checkpoint are one transaction. Invariant: nothing is lost, and each event has its effect once.

import { type OrderPlaced, ParcelDispatched, ParcelRow } from '../orders.ts'
import type { Place } from '../work.ts'
import { openDatabase } from './open-database.ts'
import { dataOf, type EventType, type OutboxRow, openOutbox, readOutbox } from './outbox.ts'
import { orderPlaced } from './publisher.ts'

/** The shortest pause between two batches, in milliseconds: under load, events collect meanwhile. */
const pauseMs = 1

/** How often to look for events without a wake-up, in milliseconds. */
const pollMs = 1_000

/** What it publishes. */
const parcelDispatched: EventType<ParcelDispatched> = { name: 'parcel-dispatched', schema: ParcelDispatched }

/** The subscribing service. */
export interface Subscriber {
  /** Makes it look for new events. */
  wake(): void
  close(): void
}

/** Opens the subscribing service; `handled` is called with each order. */
export function openSubscriber(
  { folder, durability }: Place,
  batchCountMax: number,
  handled: (order: OrderPlaced) => void,
): Subscriber {
  const source = readOutbox(folder, 'orders')
  const database = openDatabase(folder, 'shipping', durability)
  const { sqlite, transaction } = database
  sqlite.exec(`CREATE TABLE IF NOT EXISTS parcels (
      id TEXT PRIMARY KEY, order_id TEXT NOT NULL, customer_id TEXT NOT NULL, cents INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS checkpoints (source TEXT PRIMARY KEY, position INTEGER NOT NULL);
    INSERT OR IGNORE INTO checkpoints VALUES ('orders', 0)`)
  const { publish } = openOutbox(database)
  const put = sqlite.prepare(`INSERT INTO parcels VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
    SET order_id = excluded.order_id, customer_id = excluded.customer_id, cents = excluded.cents`)
  const save = sqlite.prepare("UPDATE checkpoints SET position = ? WHERE source = 'orders'")
  let position = Number(sqlite.prepare("SELECT position FROM checkpoints WHERE source = 'orders'").get()?.position)
  let pumpedAt = Number.NEGATIVE_INFINITY
  let awake = false
  let closed = false

  function handle(event: OutboxRow): void {
    const order = dataOf(event, orderPlaced)
    handled(order)
    const { orderId, customerId, cents } = order
    const row = ParcelRow.parse({ id: `${orderId}/1`, orderId, customerId, cents })
    put.run(row.id, row.orderId, row.customerId, row.cents)
    const [, causationId, , , , correlationId, occurredAt] = event
    publish(parcelDispatched, row.id, { parcelId: row.id, orderId, cents }, { correlationId, causationId, occurredAt })
  }

  function pump(): void {
    awake = false
    if (closed) return
    const rows = source.after(position, batchCountMax)
    const last = rows.at(-1)
    if (last !== undefined) {
      transaction(() => {
        for (const row of rows) handle(row)
        save.run(last[0])
      })
      position = last[0]
    }
    pumpedAt = performance.now()
    if (rows.length === batchCountMax) wake()
  }

  function wake(): void {
    if (awake) return
    awake = true
    if (performance.now() - pumpedAt >= pauseMs) setImmediate(pump)
    else setTimeout(pump, pauseMs)
  }

  const poll = setInterval(wake, pollMs)
  return {
    wake,
    close: () => {
      closed = true
      clearInterval(poll)
      source.close()
      database.close()
    },
  }
}
