// Recurring timers: which occurrence comes after another, and how the timer goes on when one is parked.
// Invariant: a failed occurrence costs that occurrence. Of each timer at most one is parked: a later one that fails takes in the earlier.

import { parseCron } from '../../contracts/index.ts'
import type { Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { occurrenceAfter } from './clock-watch.ts'
import { queueKey } from './due-queue.ts'
import type { ScheduledItem } from './scheduled-item.ts'
import { readScheduled } from './scheduled-row.ts'
import { putItem } from './set-timer.ts'

/** The most missed occurrences that are counted. */
const missedCountMax = 10_000

/** Sets the occurrence after one that is being handled; returns how many occurrences are merged into the one that is handled. */
export function setNext(core: ServiceCore, unit: UnitOfWork, item: ScheduledItem): number {
  const before = item.missed ?? 0
  const every = everyOf(core, item)
  if (every === undefined || item.released === true) return before
  const times = parseCron(every.cron, every.timeZone)
  const now = core.environment.clock.now()
  let next = occurrenceAfter(times, item.dueAt, now)
  let missed = 0
  for (; next <= now && missed < missedCountMax; missed++) next = times.next(next)
  putItem(unit, following(core, { ...item, every }, next > now ? next : times.next(now)))
  return Math.min(missedCountMax, before + missed)
}

/**
 * Lets a recurring timer go on after its occurrence at a position of a queue was parked, within the commit that parks it. The parked one stands for
 * itself from now on.
 *
 * @param earlier - the positions of the occurrences of this timer that are parked already: this one takes them in.
 * @returns whether it has, so that the earlier ones are to be removed.
 */
export async function releaseOccurrence(
  core: ServiceCore,
  unit: UnitOfWork,
  queue: string,
  position: Position,
  earlier: readonly Position[],
): Promise<boolean> {
  const item = await queuedItem(unit, queue, position)
  if (item?.every === undefined || item.released === true) return false
  const row = await unit.get(systemTables.schedule, item.id)
  const kept = row === undefined ? undefined : readScheduled({ key: item.id, json: row.json })
  // If it was cancelled or set again in the meantime, nothing follows.
  if (kept === undefined || !('claimed' in kept) || kept.claimed !== position) return false
  const every = everyOf(core, kept.item) ?? item.every
  const next = occurrenceAfter(parseCron(every.cron, every.timeZone), item.dueAt, core.environment.clock.now())
  putItem(unit, following(core, kept.item, next))
  let missed = item.missed ?? 0
  for (const other of earlier) {
    missed += 1 + ((await queuedItem(unit, queue, other))?.missed ?? 0)
    unit.deleteRow(systemTables.queues, queueKey(queue, other))
  }
  const released: ScheduledItem = { ...item, released: true, missed: Math.min(missed, missedCountMax) }
  unit.putDocument(systemTables.queues, queueKey(queue, position), released)
  return true
}

// A timer that the service declares follows the declaration, whatever it was when this occurrence came due.
function everyOf({ service }: ServiceCore, { declared, name, every }: ScheduledItem): ScheduledItem['every'] {
  return declared === true ? (service.timers[name]?.every ?? every) : every
}

async function queuedItem(unit: UnitOfWork, queue: string, position: Position): Promise<ScheduledItem | undefined> {
  const row = await unit.get(systemTables.queues, queueKey(queue, position))
  return row === undefined ? undefined : (JSON.parse(row.json) as ScheduledItem)
}

// Each occurrence of a timer that the service declares begins a conversation of its own.
function following(core: ServiceCore, { missed: _, ...item }: ScheduledItem, dueAt: number): ScheduledItem {
  if (item.declared !== true) return { ...item, dueAt }
  const id = core.environment.ids.next()
  return { ...item, dueAt, origin: { ...item.origin, correlationId: id, causationId: id } }
}
