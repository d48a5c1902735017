// The queue of a lane as a feed: items that have come due, in the order in which they did.
// Invariant: an entry leaves the queue in the unit of work that handles it, so what failed can be read again.

import { formatPosition, type Position } from '../../ports/index.ts'
import type { Delivery, Feed } from './delivery-reader.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { AgendaItem, AgendaRow } from '../schedule/scheduled-item.ts'

/** The source names of what is due; no service can bear them: names start with a letter. */
export const agendaSources = { timer: '~timers', effect: '~effects' } as const

/** How far a queue has been filled. */
export interface QueueHead {
  readonly head: Position
}

/** What is due in a queue. The queue and its progress are rows of one store and restored together: it has one epoch. */
export function agendaFeed(core: ServiceCore, kind: AgendaItem['kind'], queue: string): Feed {
  return {
    source: agendaSources[kind],
    read: async (after, limit) => {
      const { store } = core
      const head = (await readDocument<QueueHead>(store, systemTables.queueHeads, queue))?.document.head ?? ''
      const rows = await store.find({
        table: systemTables.queues,
        fromKey: `${queue}/`,
        toKey: `${queue}0`,
        limit,
        ...(after === '' ? {} : { after: { key: queueKey(queue, after) } }),
      })
      const deliveries = rows.map((row) =>
        deliveryOf(JSON.parse(row.json) as AgendaItem, row.key.slice(queue.length + 1)),
      )
      // What was moved here while it was read may stand behind the head that was read before.
      const last = deliveries.at(-1)?.position ?? after
      const next = rows.length < limit && head > last ? head : last
      return { epoch: 'agenda', deliveries, next, head: head > next ? head : next }
    },
    earlierEpochs: async () => [],
    watch: (wake) => core.itemsDue.listen(wake),
  }
}

/** The key of an entry of a queue. */
export function queueKey(queue: string, position: Position): string {
  return `${queue}/${position}`
}

/** The position behind another. */
export function nextPosition(position: Position): Position {
  return formatPosition(Number(position) + 1)
}

function deliveryOf(item: AgendaItem, position: Position): Delivery {
  return {
    id: item.id,
    type: item.kind === 'effect' || item.owner === '-' ? item.name : `${item.owner}.${item.name}`,
    key: item.kind === 'effect' ? item.key : `${item.owner}/${item.key}`,
    position,
    correlationId: item.origin.correlationId,
    occurredAt: item.dueAt,
    recordedAt: item.dueAt,
    event: undefined,
    fact: undefined,
    item,
  }
}

/**
 * Takes an item out of queue and agenda within the unit that handles it; says whether it is to be handled: a timer that was cancelled or
 * set anew after it had come due is not.
 */
export async function takeItem(unit: UnitOfWork, item: AgendaItem, position: Position): Promise<boolean> {
  unit.deleteRow(systemTables.queues, queueKey(item.queue, position))
  const row = await unit.get(systemTables.agenda, item.id)
  if (row === undefined) return false
  const kept = JSON.parse(row.json) as AgendaRow
  if (!('claimed' in kept) || kept.claimed !== position) return false
  unit.deleteRow(systemTables.agenda, item.id)
  return true
}
