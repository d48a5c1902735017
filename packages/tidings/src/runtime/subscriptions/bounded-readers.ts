// Delivery readers that begin late or end early: for handlers that were added to a service later.

import type { Position } from '../../ports/index.ts'
import type { DeliveryReader } from '../delivery-readers/delivery-reader.ts'

/** Set while it is not known where handlers that start now begin, because their source cannot be read. */
export interface LaterStart {
  later?: (reader: DeliveryReader) => Promise<void>
}

/** A reader that is read only when it is known where its handlers start. */
export function readOnceStarted(reader: DeliveryReader, start: LaterStart): DeliveryReader {
  let starting: Promise<void> | undefined
  return {
    ...reader,
    read: async (after, limit) => {
      if (start.later !== undefined) {
        starting ??= start.later(reader).finally(() => {
          starting = undefined
        })
        await starting
        delete start.later
      }
      return reader.read(after, limit)
    },
  }
}

/** A reader that ends at a position. */
export function readUpTo(reader: DeliveryReader, until: Position): DeliveryReader {
  return {
    ...reader,
    until,
    read: async (after, limit) => {
      const page = await reader.read(after, limit)
      const deliveries = page.deliveries.filter((delivery) => delivery.position <= until)
      const next = page.next > until ? until : page.next
      return { ...page, deliveries, next: next > after ? next : after, head: page.head < until ? page.head : until }
    },
  }
}
