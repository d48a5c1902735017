// The publishing service by hand: validates a command and writes its event to the outbox, one per transaction or in groups.

import { uuidv7 } from 'uuidv7'
import { OrderPlaced } from '../orders.ts'
import type { Place } from '../work.ts'
import { openGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'
import { openOutbox } from './outbox.ts'

/** The publishing service. */
export interface Publisher {
  /** Places an order; resolves when it is committed. Orders placed in one turn of the event loop share a transaction. */
  placeOrder(input: unknown): Promise<void>
  close(): void
}

/** Opens the publishing service; `committed` is called after each transaction. */
export function openPublisher({ folder, durability }: Place, committed: () => void): Publisher {
  const database = openDatabase(folder, 'orders', durability)
  const publish = openOutbox(database)
  const together = openGroupCommit(database)
  return {
    placeOrder: async (input) => {
      const order = OrderPlaced.parse(input)
      const commandId = uuidv7()
      const cause = { correlationId: commandId, causationId: commandId, occurredAt: Date.now() }
      await together(() => publish('order-placed', order.orderId, order, cause))
      committed()
    },
    close: () => database.sqlite.close(),
  }
}
