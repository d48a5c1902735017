// Reads what has come due for one subscriber or effect: timers and effects, in the order in which they came due.

import type { Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { type QueueHead, queueKey } from '../schedule/due-queue.ts'
import { keyOfTimer, type ScheduledItem, timerLine } from '../schedule/scheduled-item.ts'
import { keysUnder } from '../unit-of-work/pages-of-rows.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import type { Delivery, DeliveryReader } from './delivery-reader.ts'

/** The source names of what is due. No service can have them: names start with a letter. */
export const scheduleSources = { timer: '~timers', effect: '~effects' } as const

/** The key of a delivery as people know it: `tidings timers` shows the same. */
export function shownKey(source: string, key: string): string {
  return source === scheduleSources.timer ? keyOfTimer(key) : key
}

/** What is due in a queue. The queue and its checkpoint are rows of one store and restored together, so its epoch never changes. */
export function scheduleReader(core: ServiceCore, kind: ScheduledItem['kind'], queue: string): DeliveryReader {
  return {
    source: scheduleSources[kind],
    read: async (after, limit) => {
      const { store } = core
      const head = (await readDocument<QueueHead>(store, systemTables.queueHeads, queue))?.document.head ?? ''
      // Each item that comes due moves the head in its own commit, so behind the head there is nothing to look for.
      if (head <= after) return { epoch: 'agenda', deliveries: [], next: after, head: after }
      const rows = await store.find({
        table: systemTables.queues,
        ...keysUnder(`${queue}/`),
        limit,
        ...(after === '' ? {} : { after: { key: queueKey(queue, after) } }),
      })
      const deliveries = rows.map((row) =>
        dueDelivery(JSON.parse(row.json) as ScheduledItem, row.key.slice(queue.length + 1)),
      )
      // Items that were moved here during the read may be after the head that was read first.
      const last = deliveries.at(-1)?.position ?? after
      const next = rows.length < limit && head > last ? head : last
      return { epoch: 'agenda', deliveries, next, head: head > next ? head : next }
    },
    earlierEpochs: async () => [],
    watch: (wake) => core.itemsDue.listen(wake),
  }
}

function dueDelivery(item: ScheduledItem, position: Position): Delivery {
  return {
    id: item.id,
    type: item.kind === 'effect' || item.owner === '-' ? item.name : `${item.owner}.${item.name}`,
    key: item.kind === 'effect' ? item.key : timerLine(item.owner, item.key),
    position,
    correlationId: item.origin.correlationId,
    occurredAt: item.dueAt,
    recordedAt: item.dueAt,
    event: undefined,
    fact: undefined,
    item,
  }
}
