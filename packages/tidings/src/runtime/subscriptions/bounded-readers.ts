// Delivery readers that start late or end early: for handlers that were added to a service later.

import { isInSlots, type Position, type Timeouts } from '../../ports/index.ts'
import type { PassedSlots } from '../delivery/subscription-change.ts'
import type { Delivery, DeliveryReader } from '../delivery-readers/delivery-reader.ts'

/** Finds out where handlers start, if that was not known when their service started because their source could not be read. */
export class LateStart {
  #find: ((reader: DeliveryReader) => Promise<void>) | undefined
  #finding: Promise<void> | undefined

  /** Sets what finds it out; it runs before the next read. */
  postpone(find: (reader: DeliveryReader) => Promise<void>): void {
    this.#find = find
  }

  get isPending(): boolean {
    return this.#find !== undefined
  }

  /** Resolves when it is known; throws if the source still cannot be read. Callers at the same time share one attempt. */
  async resolve(reader: DeliveryReader): Promise<void> {
    this.#finding ??= this.#find?.(reader).finally(() => {
      this.#finding = undefined
    })
    await this.#finding
    this.#find = undefined
  }
}

/** A reader that delivers nothing until it is known where its handlers start. */
export function readOnceStarted(reader: DeliveryReader, start: LateStart): DeliveryReader {
  return {
    ...reader,
    read: async (after, limit, isLook) => {
      if (start.isPending) await start.resolve(reader)
      return reader.read(after, limit, isLook)
    },
  }
}

/** A reader that leaves out what was passed before the partitions of its subscriber changed. */
export function readUnpassed(reader: DeliveryReader, passed: () => readonly PassedSlots[] | undefined): DeliveryReader {
  return {
    ...reader,
    read: async (after, limit, isLook) => {
      const page = await reader.read(after, limit, isLook)
      const ranges = passed()
      if (ranges === undefined) return page
      const isPassed = ({ key, position }: Delivery) =>
        ranges.some((range) => position <= range.upTo && isInSlots(key, range))
      return { ...page, deliveries: page.deliveries.filter((delivery) => !isPassed(delivery)) }
    },
  }
}

/** How many events are read in one turn of the event loop. */
const turnCountMax = 2_000

/** A reader that gives other work a turn while it reads a large page. */
export function readInTurns(reader: DeliveryReader, timeouts: Timeouts): DeliveryReader {
  return {
    ...reader,
    read: async (after, limit, isLook) => {
      let page = await reader.read(after, Math.min(limit, turnCountMax), isLook)
      for (let left = limit - turnCountMax; left > 0 && page.next < page.head; left -= turnCountMax) {
        await new Promise<void>((resolve) => timeouts.soon(resolve))
        const more = await reader.read(page.next, Math.min(left, turnCountMax))
        // The history was replaced meanwhile; the next page says so.
        if (more.epoch !== page.epoch || more.edges?.after !== page.edges?.next) return page
        const edges = page.edges && more.edges && { after: page.edges.after, next: more.edges.next }
        page = { ...more, deliveries: [...page.deliveries, ...more.deliveries], edges }
      }
      return page
    },
  }
}

/** A reader that ends at a position. */
export function readUpTo(reader: DeliveryReader, until: Position): DeliveryReader {
  return {
    ...reader,
    until,
    read: async (after, limit, isLook) => {
      const page = await reader.read(after, limit, isLook)
      const deliveries = page.deliveries.filter((delivery) => delivery.position <= until)
      const next = page.next > until ? until : page.next
      const edges = page.edges && { ...page.edges, next: next === page.next ? page.edges.next : '' }
      return {
        ...page,
        deliveries,
        next: next > after ? next : after,
        head: page.head < until ? page.head : until,
        edges,
      }
    },
  }
}
