// Reads what has come due for one subscriber or effect: timers and effects, in the order in which they came due. What was moved into its queue
// comes first; if the queue is empty, the next page comes directly from the schedule.

import type { Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DirectItem } from '../schedule/direct-item.ts'
import type { DirectQueue } from '../schedule/direct-queue.ts'
import type { DirectQueues } from '../schedule/direct-queues.ts'
import { queueKey, readHead, type StoredHead } from '../schedule/due-queue.ts'
import { findDue } from '../schedule/find-due.ts'
import { keyOfTimer, type ScheduledItem, timerLine } from '../schedule/scheduled-item.ts'
import { keysUnder } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { Delivery, DeliveryPage, DeliveryReader } from './delivery-reader.ts'

/** The source names of what is due. No service can have them: names start with a letter. */
export const scheduleSources = { timer: '~timers', effect: '~effects' } as const

/** The key of a delivery as people know it: `tidings timers` shows the same. */
export function shownKey(source: string, key: string): string {
  return source === scheduleSources.timer ? keyOfTimer(key) : key
}

/** What is due in a queue. The queue and its checkpoint are rows of one store and restored together, so its epoch never changes. */
export function scheduleReader(
  core: ServiceCore,
  kind: ScheduledItem['kind'],
  queue: string,
  direct?: DirectReading,
): DeliveryReader {
  const queued = async (after: Position, limit: number) =>
    readQueue(core, queue, await readHead(core.store, queue), after, limit)
  return {
    source: scheduleSources[kind],
    read: queued,
    ...(direct === undefined ? {} : { readNext: (after, limit) => readNext(core, direct, after, limit) }),
    earlierEpochs: async () => [],
    watch: (wake, isReady) => {
      direct?.queue.serve({ isReady, wake })
      const unlisten = core.itemsDue.listen(wake)
      return () => {
        direct?.queue.serve(undefined)
        unlisten()
      }
    },
  }
}

/** Reads what is due directly from the schedule, once its queue is empty. */
export interface DirectReading {
  readonly queue: DirectQueue
  /** All such queues of the service. */
  readonly queues: DirectQueues
}

// If much is due, the next page is full, too.
const manyCount = 32

function readNext(core: ServiceCore, { queue, queues }: DirectReading, after: Position, limit: number) {
  return queues.inTurn(async (): Promise<DeliveryPage> => {
    if (queue.isGivenBack) await queue.claimGivenBack()
    const head = await readHead(core.store, queue.name)
    const queued = await readQueue(core, queue.name, head, after, limit)
    if (queued.deliveries.length > 0 || !queue.mayBeDue || !queue.isTaking) return queued
    const found = await findDue(core, { many: queue.lastCount >= manyCount, busyCount: queues.busyCount })
    if (!queues.leaves(found)) {
      // Then it is moved, by whoever looks at the schedule next.
      core.scheduleChanged.fire()
      return queued
    }
    const due = found.due.filter(({ item }) => item.queue === queue.name)
    const isAll = !found.isFull && due.length <= limit
    const delivered = [...queue.deliver(head, due.slice(0, limit), isAll)]
    const deliveries = delivered.map(([position, direct]) => dueDelivery(direct.item, position, direct))
    const next = deliveries.at(-1)?.position
    return next === undefined ? queued : { epoch, deliveries, next, head: next }
  })
}

const epoch = 'agenda'

async function readQueue(
  { store }: ServiceCore,
  queue: string,
  { position: head }: StoredHead,
  after: Position,
  limit: number,
): Promise<DeliveryPage> {
  // Each item that comes due moves the head in its own commit, so behind the head there is nothing to look for.
  if (head <= after) return { epoch, deliveries: [], next: after, head: after }
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
  return { epoch, deliveries, next, head: head > next ? head : next }
}

function dueDelivery(item: ScheduledItem, position: Position, direct?: DirectItem): Delivery {
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
    ...(direct === undefined ? {} : { direct }),
  }
}
