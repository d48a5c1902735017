// Lists the scheduled items of a service for people: timers that are set and effects that are not performed yet.
// Invariant: reads are bounded; items that are due are found by their queue, other items by the moment they are due.

import type { DeferredState } from '../runtime/delivery/deferred-event.ts'
import { scheduleSources } from '../runtime/delivery-readers/schedule-reader.ts'
import type { EffectStart } from '../runtime/handlers/effect-starts.ts'
import { queueKey } from '../runtime/schedule/due-queue.ts'
import { idempotencyKeyOf } from '../runtime/schedule/request-effect.ts'
import { type ScheduledItem, type ScheduledRow, serviceTimers, timerQueue } from '../runtime/schedule/scheduled-item.ts'
import { readScheduled } from '../runtime/schedule/scheduled-row.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'
import { sharedTables, systemTables } from '../runtime/unit-of-work/system-tables.ts'
import { ValueBudget } from './process-values.ts'

/** The state of an item: `set` until it is due, `due` until it is handled, or the state of its deferred event (`parked`, `retrying`, …). */
export type ItemState = 'set' | 'due' | DeferredState

/** The common members of timers and effects. */
interface PendingItem {
  readonly service: string
  /** Its key in the schedule, and the id of its deferred event if it fails. */
  readonly id: string
  readonly name: string
  readonly key: string
  /** In milliseconds since 1970. */
  readonly dueAt: number
  readonly state: ItemState
  /** Its place among what has come due, which its deferred event has too if it fails; left out until it has one. */
  readonly position?: string
  /** The function that set or requested it: `process/fulfilment`, `command/place-order`. */
  readonly causedBy: string
  readonly correlationId: string
  /** Failed attempts; 0 before the first. */
  readonly attempts: number
  readonly error: { readonly code: string; readonly message: string } | undefined
  /** Its data as stored; `undefined` if omitted. */
  readonly data: unknown
  /** The version of its data. */
  readonly version: number
  /** The size of the data in characters of JSON; set only if they are omitted because all values together are too large. */
  readonly omittedBytes?: number
}

/** A timer that is set, or due and not handled yet. */
export interface PendingTimer extends PendingItem {
  /** The process that it belongs to; `undefined` for a timer of the service. */
  readonly process: string | undefined
  /** How it recurs; `undefined` if it comes due once. */
  readonly every: { readonly cron: string; readonly timeZone: string } | undefined
}

/** An effect that is requested and not performed yet. */
export interface PendingEffect extends PendingItem {
  readonly idempotencyKey: string
  /** Its start, if instances share the store and one has begun it: by the name of that instance, in milliseconds since 1970, and for how long at most. */
  readonly begun?: { readonly by: string; readonly at: number; readonly timeoutMs: number }
}

/** Which items to list. */
export interface PendingOptions {
  /** Only the item with this id. Each parked run of a recurring timer is an item of its own. */
  readonly id?: string
  /** The most items: 1 to 1,000. Default: 100. */
  readonly limit?: number
}

/** The next timers of a service, and whether there are more. */
export interface PendingTimers {
  readonly service: string
  readonly timers: readonly PendingTimer[]
  readonly more: boolean
}

/** The next effects of a service, and whether there are more. */
export interface PendingEffects {
  readonly service: string
  readonly effects: readonly PendingEffect[]
  readonly more: boolean
}

/** A service's timers: first those that are due and not handled yet, then the others, next due first. */
export async function listTimers(service: ServiceRuntime, options: PendingOptions = {}): Promise<PendingTimers> {
  const { rows, more } = await chosenRows(service, 'timer', options)
  return { service: service.name, timers: withBudget(rows, (row, budget) => timerOf(service, row, budget)), more }
}

/** A service's effects that are not performed yet: first those that are due or deferred, then those requested for later. */
export async function pendingEffects(service: ServiceRuntime, options: PendingOptions = {}): Promise<PendingEffects> {
  const { rows, more } = await chosenRows(service, 'effect', options)
  const starts = await startsOf(service, rows)
  const effects = withBudget(rows, (row, budget) => effectOf(service, row, starts, budget))
  return { service: service.name, effects, more }
}

/** The timers with these ids in the schedule that are set, in the order of `ids`. */
export async function timersOf(
  service: ServiceRuntime,
  ids: readonly string[],
  budget: ValueBudget,
): Promise<readonly PendingTimer[]> {
  return (await rowsOf(service, ids)).map((row) => timerOf(service, row, budget))
}

/** The effects with these ids in the schedule that are not performed yet, in the order of `ids`. */
export async function effectsOf(
  service: ServiceRuntime,
  ids: readonly string[],
  budget: ValueBudget,
): Promise<readonly PendingEffect[]> {
  const rows = await rowsOf(service, ids)
  const starts = await startsOf(service, rows)
  return rows.map((row) => effectOf(service, row, starts, budget))
}

const limitMax = 1_000
const limitDefault = 100

/** Clamps a limit to its bounds. */
export function boundedLimit(limit = limitDefault): number {
  return Math.max(1, Math.min(limitMax, Math.floor(limit)))
}

/** The most rows to scan. A scan is longer than its result, because timers and effects are in one table. */
const scannedMax = 10_000

function withBudget<T>(
  rows: readonly ScheduledRow[],
  make: (row: ScheduledRow, budget: ValueBudget) => T,
): readonly T[] {
  const budget = new ValueBudget()
  return rows.map((row) => make(row, budget))
}

async function chosenRows(service: ServiceRuntime, kind: ScheduledItem['kind'], options: PendingOptions) {
  const { id } = options
  const limit = boundedLimit(options.limit)
  if (id !== undefined) {
    const rows = id.startsWith(`${kind}/`) ? [...(await parkedRuns(service, id)), ...(await rowsOf(service, [id]))] : []
    return { rows: rows.slice(0, limit), more: rows.length > limit }
  }
  const claimed = await claimedRows(service, kind, limit + 1)
  const waiting = claimed.length > limit ? [] : await waitingRows(service, kind, limit + 1 - claimed.length)
  const rows = [...claimed.sort((a, b) => a.item.dueAt - b.item.dueAt), ...waiting]
  return { rows: rows.slice(0, limit), more: rows.length > limit }
}

// Parked runs of a recurring timer: the schedule has its next run under the same id.
async function parkedRuns(service: ServiceRuntime, id: string): Promise<readonly ScheduledRow[]> {
  const keys = service.subscriptions
    .filter(({ subscription }) => subscription.source === scheduleSources.timer)
    .flatMap(({ subscription: { subscriber, deferred } }) =>
      [...deferred.all()]
        .filter((event) => event.id === id)
        .map(({ position }) => queueKey(timerQueue(subscriber), position)),
    )
  const rows = await service.store.getMany(systemTables.queues, keys)
  return rows.flatMap((row, index): ScheduledRow[] => {
    if (row === undefined) return []
    const item = JSON.parse(row.json) as ScheduledItem
    return item.released === true ? [{ claimed: keys[index]?.split('/').at(-1) ?? '', item }] : []
  })
}

// Items that are in a queue. If an item is cancelled or set again, its old entry stays in the queue until the subscriber reaches it. Skips
// such entries.
async function claimedRows(
  service: ServiceRuntime,
  kind: ScheduledItem['kind'],
  limit: number,
): Promise<ScheduledRow[]> {
  const { store } = service
  const found: ScheduledRow[] = []
  let after: string | undefined
  for (let scanned = 0; found.length < limit && scanned < scannedMax; ) {
    const entries = await store.find({
      table: systemTables.queues,
      fromKey: `${kind}s.`,
      toKey: `${kind}s/`, // "/" is the next character after ".", so the range has every key with this beginning.
      limit: limitMax,
      ...(after === undefined ? {} : { after: { key: after } }),
    })
    const queued = entries.map(({ key, json }) => ({
      position: key.slice(key.lastIndexOf('/') + 1),
      item: JSON.parse(json) as ScheduledItem,
    }))
    const rows = await store.getMany(
      systemTables.schedule,
      queued.map(({ item }) => item.id),
    )
    for (const [index, { position, item }] of queued.entries()) {
      // A parked occurrence of a timer that has gone on.
      if (item.released === true) found.push({ claimed: position, item })
      const row = rows[index]
      const kept = row === undefined ? undefined : readScheduled(row)
      if (kept !== undefined && 'claimed' in kept && kept.claimed === position) found.push(kept)
    }
    scanned += entries.length
    after = entries.at(-1)?.key
    if (entries.length < limitMax) break
  }
  return found.slice(0, limit)
}

async function waitingRows(
  service: ServiceRuntime,
  kind: ScheduledItem['kind'],
  limit: number,
): Promise<ScheduledRow[]> {
  // A read along this index is not continued, so one that has found too few begins anew and reads more.
  for (let most = limitMax; ; most = scannedMax) {
    const rows = await service.store.find({ table: systemTables.schedule, index: { column: 'dueAt' }, limit: most })
    const found: ScheduledRow[] = []
    let hasClaimed = false
    for (const row of rows) {
      const kept = readScheduled(row)
      // Claimed items come after all waiting items.
      hasClaimed = 'claimed' in kept
      if (hasClaimed || found.length === limit) break
      if (kept.item.kind === kind) found.push(kept)
    }
    if (found.length === limit || hasClaimed || rows.length < most || most === scannedMax) return found
  }
}

async function rowsOf(service: ServiceRuntime, ids: readonly string[]): Promise<readonly ScheduledRow[]> {
  const rows = await service.store.getMany(systemTables.schedule, ids)
  return rows.flatMap((row) => (row === undefined ? [] : [readScheduled(row)]))
}

function timerOf(service: ServiceRuntime, row: ScheduledRow, budget: ValueBudget): PendingTimer {
  const { owner, every } = row.item
  return { ...itemOf(service, row, budget), process: owner === serviceTimers ? undefined : owner, every }
}

type Starts = ReadonlyMap<string, EffectStart>

// The effects that have begun. Only where instances share the store is that known.
async function startsOf({ store }: ServiceRuntime, rows: readonly ScheduledRow[]): Promise<Starts> {
  if (store.capabilities.writers === 'one' || rows.length === 0) return new Map()
  const kept = await store.getMany(
    sharedTables.effectStarts,
    rows.map(({ item }) => item.id),
  )
  return new Map(kept.flatMap((row) => (row === undefined ? [] : [[row.key, JSON.parse(row.json) as EffectStart]])))
}

function effectOf(service: ServiceRuntime, row: ScheduledRow, starts: Starts, budget: ValueBudget): PendingEffect {
  const start = starts.get(row.item.id)
  const begun = start === undefined ? {} : { begun: { by: start.by, at: start.startedAt, timeoutMs: start.timeoutMs } }
  return { ...itemOf(service, row, budget), idempotencyKey: idempotencyKeyOf(row.item), ...begun }
}

function itemOf(service: ServiceRuntime, row: ScheduledRow, budget: ValueBudget): PendingItem {
  const { item } = row
  const deferred = 'claimed' in row ? deferredOf(service, item, row.claimed) : undefined
  const isDue = 'claimed' in row || item.dueAt <= service.environment.clock.now()
  return {
    service: service.name,
    id: item.id,
    name: item.name,
    key: item.key,
    dueAt: item.dueAt,
    state: deferred?.state ?? (isDue ? 'due' : 'set'),
    ...('claimed' in row ? { position: row.claimed } : {}),
    causedBy: item.origin.causedBy,
    correlationId: item.origin.correlationId,
    attempts: deferred?.attempts ?? 0,
    error: deferred?.error === undefined ? undefined : { code: deferred.error.code, message: deferred.error.message },
    version: item.version,
    ...(budget.takes(item.data.length)
      ? { data: JSON.parse(item.data) as unknown }
      : { data: undefined, omittedBytes: item.data.length }),
  }
}

function deferredOf(service: ServiceRuntime, item: ScheduledItem, position: string) {
  const subscriber = item.queue.slice(`${item.kind}s.`.length)
  const name = item.kind === 'effect' ? `effect.${subscriber}` : subscriber
  for (const { subscription } of service.subscriptions) {
    if (subscription.subscriber !== name || subscription.source !== scheduleSources[item.kind]) continue
    return subscription.deferred.at(position)
  }
  return undefined
}
