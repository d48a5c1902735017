// The instances of the process by hand, the short way: one row for each order has its present state, and nothing says how it came about.

import { InstanceRow } from '../fulfilment.ts'
import { type HandleStep, type OpenInstances, orderFulfilled, stepEvents } from './fulfilment.ts'
import { dataOf } from './outbox.ts'

/** Opens the instances. */
export const openRows: OpenInstances = ({ sqlite }, publish): HandleStep => {
  sqlite.exec(`CREATE TABLE instances (
      order_id TEXT PRIMARY KEY, state TEXT NOT NULL, cents INTEGER NOT NULL, paid_cents INTEGER NOT NULL,
      started_at INTEGER NOT NULL, changed_at INTEGER NOT NULL)`)
  const select = sqlite.prepare('SELECT state, cents, paid_cents, started_at FROM instances WHERE order_id = ?')
  select.setReturnArrays(true)
  const put = sqlite.prepare(`INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET
    state = excluded.state, cents = excluded.cents, paid_cents = excluded.paid_cents, changed_at = excluded.changed_at`)

  function save(row: InstanceRow): void {
    const { orderId, state, cents, paidCents, startedAt, changedAt } = InstanceRow.parse(row)
    put.run(orderId, state, cents, paidCents, startedAt, changedAt)
  }

  return (step, event) => {
    const [, causationId, , , orderId, correlationId, occurredAt] = event
    const order = dataOf(event, stepEvents[step])
    const [state, cents, paidCents, startedAt] = (select.get(orderId) ?? []) as unknown as [
      string?,
      number?,
      number?,
      number?,
    ]
    const now = Date.now()
    if (state === undefined) {
      if (step !== 'placed') return
      save({ orderId, state: 'placed', cents: order.cents, paidCents: 0, startedAt: now, changedAt: now })
      return
    }
    const kept = { orderId, cents: cents ?? 0, startedAt: startedAt ?? now, changedAt: now }
    if (step === 'paid' && state === 'placed') save({ ...kept, state: 'paid', paidCents: order.cents })
    if (step !== 'delivered' || state !== 'paid') return
    const paid = paidCents ?? 0
    save({ ...kept, state: 'fulfilled', paidCents: paid })
    publish(
      orderFulfilled,
      orderId,
      { orderId, cents: kept.cents, paidCents: paid },
      { correlationId, causationId, occurredAt },
    )
  }
}
