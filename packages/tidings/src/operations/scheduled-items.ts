// What a service has to do later, for people: timers that are set and effects that are requested and were not performed yet.
// Invariant: reads are bounded; what has come due is found by its queue, what has not by the moment it is due.

import type { DeferredState } from '../runtime/delivery/deferred-event.ts'
import { scheduleSources } from '../runtime/delivery-readers/schedule-reader.ts'
import { idempotencyKeyOf } from '../runtime/schedule/request-effect.ts'
import { type ScheduledItem, type ScheduledRow, serviceTimers } from '../runtime/schedule/scheduled-item.ts'
import type { ServiceRuntime } from '../runtime/service/service-runtime.ts'
import { systemTables } from '../runtime/unit-of-work/system-tables.ts'
import { ValueBudget } from './process-values.ts'

/**
 * How an item stands: `set` until the moment it is due; `due` until it is handled; otherwise how it is held (`parked`, `retrying`, …).
 */
export type ItemState = 'set' | 'due' | DeferredState

/** What is the same for timers and effects. */
interface PendingItem {
  readonly service: string
  /** Its key in the agenda, and the id under which it is held where it fails. */
  readonly id: string
  readonly name: string
  readonly key: string
  /** In milliseconds since 1970. */
  readonly dueAt: number
  readonly state: ItemState
  /** What set or requested it: `process/fulfilment`, `command/place-order`. */
  readonly causedBy: string
  readonly correlationId: string
  /** Attempts that failed; 0 where it was not tried. */
  readonly attempts: number
  readonly error: { readonly code: string; readonly message: string } | undefined
  /** What it carries, as it is kept; `undefined` where it is left out. */
  readonly data: unknown
  /** The version of what it carries. */
  readonly version: number
  /** Set where the data are left out, because all values together would be too large: their size. */
  readonly omittedBytes?: number
}

/** A timer that is set, or has come due and was not handled yet. */
export interface PendingTimer extends PendingItem {
  /** The process whose timer it is; `undefined` for the service's own. */
  readonly process: string | undefined
  /** When it comes back. */
  readonly every: { readonly cron: string; readonly timeZone: string } | undefined
}

/** An effect that was requested and not performed yet. */
export interface PendingEffect extends PendingItem {
  readonly idempotencyKey: string
}

/** Which to give, and how many. */
export interface PendingOptions {
  /** Only the one with this id. */
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

/** A service's timers: those that have come due and wait to be handled, then the others, next due first. */
export async function listTimers(service: ServiceRuntime, options: PendingOptions = {}): Promise<PendingTimers> {
  const { rows, more } = await chosenRows(service, 'timer', options)
  return { service: service.name, timers: withBudget(rows, (row, budget) => timerOf(service, row, budget)), more }
}

/** A service's effects that were not performed yet: those that are due (or held), then those that were requested for later. */
export async function pendingEffects(service: ServiceRuntime, options: PendingOptions = {}): Promise<PendingEffects> {
  const { rows, more } = await chosenRows(service, 'effect', options)
  return { service: service.name, effects: withBudget(rows, (row, budget) => effectOf(service, row, budget)), more }
}

/** Those of some timers that are set, by their ids in the agenda, in that order. */
export async function timersOf(
  service: ServiceRuntime,
  ids: readonly string[],
  budget: ValueBudget,
): Promise<readonly PendingTimer[]> {
  return (await rowsOf(service, ids)).map((row) => timerOf(service, row, budget))
}

/** Those of some effects that were not performed yet, by their ids in the agenda, in that order. */
export async function effectsOf(
  service: ServiceRuntime,
  ids: readonly string[],
  budget: ValueBudget,
): Promise<readonly PendingEffect[]> {
  return (await rowsOf(service, ids)).map((row) => effectOf(service, row, budget))
}

const limitMax = 1_000
const limitDefault = 100

/** A limit within bounds. */
export function boundedLimit(limit = limitDefault): number {
  return Math.max(1, Math.min(limitMax, Math.floor(limit)))
}

/** The most rows that are looked at when items of the other kind lie between. */
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
  if (id !== undefined) return { rows: id.startsWith(`${kind}/`) ? await rowsOf(service, [id]) : [], more: false }
  const claimed = await claimedRows(service, kind, limit + 1)
  const waiting = claimed.length > limit ? [] : await waitingRows(service, kind, limit + 1 - claimed.length)
  const rows = [...claimed.sort((a, b) => a.item.dueAt - b.item.dueAt), ...waiting]
  return { rows: rows.slice(0, limit), more: rows.length > limit }
}

// What was moved into a queue and not taken out of it. An entry whose item was cancelled or set anew stays until its subscriber comes to it.
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
      toKey: `${kind}s/`, // "/" follows "." in every ordering
      limit: limitMax,
      ...(after === undefined ? {} : { after: { key: after } }),
    })
    const ids = entries.map(({ json }) => (JSON.parse(json) as ScheduledItem).id)
    const rows = await store.getMany(systemTables.schedule, ids)
    rows.forEach((row, index) => {
      const kept = row === undefined ? undefined : (JSON.parse(row.json) as ScheduledRow)
      if (kept !== undefined && 'claimed' in kept && entries[index]?.key.endsWith(`/${kept.claimed}`)) found.push(kept)
    })
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
  const found: ScheduledRow[] = []
  let after: { key: string; column: number } | undefined
  for (let scanned = 0; scanned < scannedMax; ) {
    const rows = await service.store.find({
      table: systemTables.schedule,
      index: { column: 'dueAt' },
      limit: limitMax,
      ...(after === undefined ? {} : { after }),
    })
    for (const { key, json } of rows) {
      const kept = JSON.parse(json) as ScheduledRow
      // What was claimed stands behind everything that waits.
      if ('claimed' in kept) return found
      if (kept.item.kind === kind) found.push(kept)
      if (found.length === limit) return found
      after = { key, column: kept.item.dueAt }
    }
    scanned += rows.length
    if (rows.length < limitMax) break
  }
  return found
}

async function rowsOf(service: ServiceRuntime, ids: readonly string[]): Promise<readonly ScheduledRow[]> {
  const rows = await service.store.getMany(systemTables.schedule, ids)
  return rows.flatMap((row) => (row === undefined ? [] : [JSON.parse(row.json) as ScheduledRow]))
}

function timerOf(service: ServiceRuntime, row: ScheduledRow, budget: ValueBudget): PendingTimer {
  const { owner, every } = row.item
  return { ...itemOf(service, row, budget), process: owner === serviceTimers ? undefined : owner, every }
}

function effectOf(service: ServiceRuntime, row: ScheduledRow, budget: ValueBudget): PendingEffect {
  return { ...itemOf(service, row, budget), idempotencyKey: idempotencyKeyOf(row.item) }
}

function itemOf(service: ServiceRuntime, row: ScheduledRow, budget: ValueBudget): PendingItem {
  const { item } = row
  const deferred = 'claimed' in row ? deferredOf(service, item, row.claimed) : undefined
  return {
    service: service.name,
    id: item.id,
    name: item.name,
    key: item.key,
    dueAt: item.dueAt,
    state: deferred?.state ?? ('claimed' in row ? 'due' : 'set'),
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
  const key = item.kind === 'effect' ? item.key : `${item.owner}/${item.key}`
  for (const { subscription } of service.subscriptions) {
    if (subscription.subscriber !== name || subscription.source !== scheduleSources[item.kind]) continue
    return subscription.deferred.ofKey(key).find((event) => event.position === position)
  }
  return undefined
}
