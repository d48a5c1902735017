// The publishing service by hand: validates a command and writes its event to the outbox, one per transaction or in groups.

import { uuidv7 } from 'uuidv7'
import { OrderPlaced } from '../orders.ts'
import type { Place } from '../work.ts'
import { openGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'
import { type EventType, type Outbox, openOutbox } from './outbox.ts'

/** What it publishes. */
export const orderPlaced: EventType<OrderPlaced> = { name: 'order-placed', schema: OrderPlaced }

/** The publishing service. */
export interface Publisher {
  /** Places an order; resolves with the command's id when it is committed. Orders placed in one turn of the event loop share a transaction. */
  placeOrder(input: unknown): Promise<string>
  readonly find: Outbox['find']
  close(): void
}

/** Opens the publishing service; `committed` is called after each transaction. */
export function openPublisher({ folder, durability }: Place, committed: () => void): Publisher {
  const database = openDatabase(folder, 'orders', durability)
  const outbox = openOutbox(database)
  const together = openGroupCommit(database)
  return {
    placeOrder: async (input) => {
      const order = OrderPlaced.parse(input)
      const commandId = uuidv7()
      const cause = { correlationId: commandId, causationId: commandId, occurredAt: Date.now() }
      await together(() => outbox.publish(orderPlaced, order.orderId, order, cause))
      committed()
      return commandId
    },
    find: outbox.find,
    close: database.close,
  }
}
