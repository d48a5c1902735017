// Sets and cancels timers within a unit of work.

import {
  type CronTime,
  checkKey,
  type Duration,
  durationMs,
  parseCron,
  type TimerDefinition,
  toJson,
  validateLatest,
} from '../../contracts/index.ts'
import type { Position } from '../../ports/index.ts'
import type { SetTimer } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { checkDueAt, keptOrigin, readItemData, type ScheduledItem, timerId, timerQueue } from './scheduled-item.ts'
import { readScheduled, writeScheduled } from './scheduled-row.ts'

/** The work within which timers are set. */
export interface TimerWork {
  readonly core: ServiceCore
  readonly unit: UnitOfWork
  readonly origin: Origin
  /** The process manager, or `-` for the service. */
  readonly owner: string
  readonly subscriber: string
  /** Called for each timer that is set (with its due time) or cancelled (without): writes the history of a process instance. */
  readonly note?: (name: string, dueAt: number | undefined) => void
}

/** A timer whose data are checked when it runs, not by the compiler. */
export interface UntypedTimer {
  after(key: string, duration: Duration, data?: unknown): void
  at(key: string, moment: Date, data?: unknown): void
  every(key: string, time: CronTime, data?: unknown): void
  cancel(key: string): void
  get(key: string): Promise<SetTimer | undefined>
}

/** One timer as user code sees it (`KeyedTimer`). */
export function keyedTimer(work: TimerWork, name: string, definition: TimerDefinition): UntypedTimer {
  const { core, unit, origin, owner, note } = work
  const what = `Timer ${name}`
  const idOf = (key: string) => timerId(owner, name, checkKey(what, key))
  const set = (key: string, dueAt: number, data: unknown, every?: ScheduledItem['every']) => {
    const item: ScheduledItem = {
      kind: 'timer',
      id: idOf(key),
      owner,
      name,
      key,
      queue: timerQueue(work.subscriber),
      dueAt: checkDueAt(what, dueAt),
      version: definition.chain.latest.version,
      data: toJson(what, validateLatest(definition.chain, data), core.service.limits),
      ...(every === undefined ? {} : { every }),
      origin: keptOrigin(origin),
    }
    putItem(unit, item)
    note?.(name, dueAt)
  }
  return {
    after: (key, duration, data) => set(key, origin.occurredAt + durationMs(duration), data),
    at: (key, moment, data) => set(key, moment instanceof Date ? moment.getTime() : Number.NaN, data),
    every: (key, { cron, timeZone = 'UTC' }, data) =>
      set(key, parseCron(cron, timeZone).next(origin.occurredAt), data, { cron, timeZone }),
    cancel: (key) => {
      unit.deleteRow(systemTables.schedule, idOf(key))
      note?.(name, undefined)
    },
    get: async (key) => {
      const row = await unit.get(systemTables.schedule, idOf(key))
      if (row === undefined) return undefined
      const { item } = readScheduled({ key: idOf(key), json: row.json })
      return { dueAt: new Date(item.dueAt), data: readItemData(definition.chain, item) }
    },
  }
}

/** Buffers an item into the schedule; it replaces one with the same id. */
export function putItem(unit: UnitOfWork, item: ScheduledItem): void {
  unit.put(systemTables.schedule, item.id, writeScheduled({ item }))
}

/** Buffers an item as one that was moved into its queue, to a position. */
export function putClaimed(unit: UnitOfWork, claimed: Position, item: ScheduledItem): void {
  unit.put(systemTables.schedule, item.id, writeScheduled({ claimed, item }))
}
