// A process manager by hand: a batch of events, their effects and the checkpoint are one transaction. What it keeps of an order is in
// instances-as-rows.ts (its state alone) or instances-with-history.ts (how the state came about, too).

import { uuidv7 } from 'uuidv7'
import { OrderFulfilled, OrderStep, ReportSteps, type StepName, stepNames } from '../fulfilment.ts'
import type { Place } from '../work.ts'
import { openGroupCommit } from './group-commit.ts'
import { type Database, openDatabase } from './open-database.ts'
import { type EventType, type Outbox, type OutboxRow, openOutbox, readOutbox } from './outbox.ts'

const batchCountMax = 256

/** How often to look for events without a wake-up, in milliseconds. */
const pollMs = 1_000

/** The event of each step. */
export const stepEvents: Readonly<Record<StepName, EventType<OrderStep>>> = {
  placed: { name: 'placed', schema: OrderStep },
  paid: { name: 'paid', schema: OrderStep },
  delivered: { name: 'delivered', schema: OrderStep },
}

/** What the process publishes. */
export const orderFulfilled: EventType<OrderFulfilled> = { name: 'order-fulfilled', schema: OrderFulfilled }

/** Handles an event in the instance of its key, inside a transaction. An event at the wrong time, or a second time, changes no state. */
export type HandleStep = (step: StepName, event: OutboxRow) => void

/** Opens the instances in a database. */
export type OpenInstances = (database: Database, publish: Outbox['publish']) => HandleStep

/** Opens both services; `handled` is called for each input. */
export function openFulfilment(place: Place, openInstances: OpenInstances, handled: () => void) {
  const orders = openOrders(place, () => fulfilment.wake())
  const fulfilment = openManager(place, openInstances, handled)
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
  const { publish } = openOutbox(database)
  const together = openGroupCommit(database)
  return {
    report: async (name: StepName, list: readonly OrderStep[]) => {
      const { step, orders } = ReportSteps.parse({ step: name, orders: list })
      const commandId = uuidv7()
      const cause = { correlationId: commandId, causationId: commandId, occurredAt: Date.now() }
      await together(() => {
        for (const order of orders) publish(stepEvents[step], order.orderId, order, cause)
      })
      committed()
    },
    close: database.close,
  }
}

function openManager({ folder, durability }: Place, openInstances: OpenInstances, handled: () => void) {
  const source = readOutbox(folder, 'orders')
  const database = openDatabase(folder, 'fulfilment', durability)
  const { sqlite, transaction } = database
  sqlite.exec(`CREATE TABLE checkpoints (source TEXT PRIMARY KEY, position INTEGER NOT NULL);
    INSERT INTO checkpoints VALUES ('orders', 0)`)
  const save = sqlite.prepare("UPDATE checkpoints SET position = ? WHERE source = 'orders'")
  const handle = openInstances(database, openOutbox(database).publish)
  let position = 0
  let awake = false
  let closed = false

  function pump(): void {
    awake = false
    if (closed) return
    const rows = source.after(position, batchCountMax)
    const last = rows.at(-1)
    if (last === undefined) return
    transaction(() => {
      for (const row of rows) {
        handle(stepOf(row), row)
        handled()
      }
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
      database.close()
    },
  }
}

function stepOf([, id, type]: OutboxRow): StepName {
  const step = stepNames.find((name) => name === type)
  if (step === undefined) throw new Error(`Event ${id} is a ${type}, which the process does not know.`)
  return step
}
