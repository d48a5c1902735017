// A process manager by hand: a row for each order has its state; a batch of events, their effects and the checkpoint are one transaction.
// Invariant: an event that comes at the wrong time, or a second time, changes nothing.

import { uuidv7 } from 'uuidv7'
import { OrderFulfilled, OrderStep, ReportSteps, type StepName } from '../fulfilment.ts'
import type { Place } from '../work.ts'
import { openGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'
import { type OutboxRow, openOutbox, readOutbox } from './outbox.ts'

const batchCountMax = 256

/** How often to look for events without a wake-up, in milliseconds. */
const pollMs = 1_000

/** Opens both services; `handled` is called for each input. */
export function openFulfilment(place: Place, handled: () => void) {
  const orders = openOrders(place, () => fulfilment.wake())
  const fulfilment = openManager(place, handled)
  return {
    report: orders.report,
    close: () => {
      fulfilment.close()
      orders.close()
    },
  }
}

function openOrders({ folder, durability }: Place, committed: () => void) {
  const database = openDatabase(folder, 'orders', durability)
  const publish = openOutbox(database)
  const together = openGroupCommit(database)
  return {
    report: async (name: StepName, list: readonly OrderStep[]) => {
      const { step, orders } = ReportSteps.parse({ step: name, orders: list })
      const commandId = uuidv7()
      const cause = { correlationId: commandId, causationId: commandId, occurredAt: Date.now() }
      await together(() => {
        for (const order of orders) publish(step, order.orderId, OrderStep.parse(order), cause)
      })
      committed()
    },
    close: () => database.sqlite.close(),
  }
}

type State = 'placed' | 'paid' | 'fulfilled'

function openManager({ folder, durability }: Place, handled: () => void) {
  const source = readOutbox(folder, 'orders')
  const database = openDatabase(folder, 'fulfilment', durability)
  const { sqlite, transaction } = database
  sqlite.exec(`CREATE TABLE instances (
      order_id TEXT PRIMARY KEY, state TEXT NOT NULL, cents INTEGER NOT NULL, paid_cents INTEGER NOT NULL,
      started_at INTEGER NOT NULL, changed_at INTEGER NOT NULL);
    CREATE TABLE checkpoints (source TEXT PRIMARY KEY, position INTEGER NOT NULL);
    INSERT INTO checkpoints VALUES ('orders', 0)`)
  const publish = openOutbox(database)
  const select = sqlite.prepare('SELECT state, cents, paid_cents FROM instances WHERE order_id = ?')
  select.setReturnArrays(true)
  const insert = sqlite.prepare("INSERT INTO instances VALUES (?, 'placed', ?, 0, ?, ?)")
  const update = sqlite.prepare('UPDATE instances SET state = ?, paid_cents = ?, changed_at = ? WHERE order_id = ?')
  const save = sqlite.prepare("UPDATE checkpoints SET position = ? WHERE source = 'orders'")
  let position = 0
  let awake = false
  let closed = false

  function handle([, id, step, key, correlationId, occurredAt, data]: OutboxRow): void {
    const order = JSON.parse(data) as OrderStep
    const [state, cents = 0, paidCents = 0] = (select.get(key) ?? []) as unknown as [State?, number?, number?]
    const now = Date.now()
    handled()
    if (step === 'placed') {
      if (state === undefined) insert.run(key, order.cents, now, now)
    } else if (step === 'paid') {
      if (state === 'placed') update.run('paid', order.cents, now, key)
    } else if (state === 'paid') {
      update.run('fulfilled', paidCents, now, key)
      const fulfilled = OrderFulfilled.parse({ orderId: key, cents, paidCents })
      publish('order-fulfilled', key, fulfilled, { correlationId, causationId: id, occurredAt })
    }
  }

  function pump(): void {
    awake = false
    if (closed) return
    const rows = source.after(position, batchCountMax)
    const last = rows.at(-1)
    if (last === undefined) return
    transaction(() => {
      for (const row of rows) handle(row)
      save.run(last[0])
    })
    position = last[0]
    if (rows.length === batchCountMax) wake()
  }

  function wake(): void {
    if (awake) return
    awake = true
    setImmediate(pump)
  }

  const poll = setInterval(wake, pollMs)
  return {
    wake,
    close: () => {
      closed = true
      clearInterval(poll)
      source.close()
      sqlite.close()
    },
  }
}
