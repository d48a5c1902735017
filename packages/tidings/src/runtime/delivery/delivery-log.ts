// Every delivery leaves a record: one row for each batch, so that a record costs a few bytes and no index.

import type { Position, Store } from '../../ports/index.ts'
import { keysUnder } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** The record of one delivery. */
export interface DeliveryRecord {
  readonly position: Position
  /** Attempts so far, this one included. */
  readonly attempt: number
  readonly durationMicros: number
  readonly outcome: 'done' | 'deferred'
  /** When the batch ended, in milliseconds since 1970. */
  readonly at: number
}

interface BatchRow {
  readonly at: number
  readonly positions: readonly Position[]
  readonly micros: readonly number[]
  /** Left out if every delivery was a first attempt. */
  readonly attempts?: readonly number[]
  /** The positions that were deferred; left out if there are none. */
  readonly held?: readonly Position[]
}

/** Buffers the records of a batch into its unit of work. Retries have rows of their own, keyed by their position. */
export function stageDeliveries(
  unit: UnitOfWork,
  subscriber: string,
  source: string,
  records: readonly DeliveryRecord[],
  retry: boolean,
): void {
  const last = records.at(-1)
  if (last === undefined) return
  const deferred = records.filter((record) => record.outcome === 'deferred').map((record) => record.position)
  const row: BatchRow = {
    at: last.at,
    positions: records.map((record) => record.position),
    micros: records.map((record) => record.durationMicros),
    ...(records.every((record) => record.attempt === 1) ? {} : { attempts: records.map((record) => record.attempt) }),
    ...(deferred.length === 0 ? {} : { held: deferred }),
  }
  unit.putDocument(systemTables.deliveries, `${subscriber}${retry ? '~' : ''}/${source}/${last.position}`, row)
}

/** The last record of a delivery; `undefined` if there is none yet, or if it was pruned. */
export async function findDelivery(
  store: Store,
  subscriber: string,
  source: string,
  position: Position,
): Promise<DeliveryRecord | undefined> {
  return (
    (await findIn(store, `${subscriber}~/${source}/`, position)) ??
    (await findIn(store, `${subscriber}/${source}/`, position))
  )
}

async function findIn(store: Store, prefix: string, position: Position): Promise<DeliveryRecord | undefined> {
  // A batch's row is keyed by its last position, so the first row from here on is the one that can contain this delivery.
  const [row] = await store.find({
    table: systemTables.deliveries,
    fromKey: `${prefix}${position}`,
    toKey: keysUnder(prefix).toKey,
    limit: 1,
  })
  if (row === undefined) return undefined
  const batch = JSON.parse(row.json) as BatchRow
  const index = batch.positions.indexOf(position)
  if (index < 0) return undefined
  return {
    position,
    attempt: batch.attempts?.[index] ?? 1,
    durationMicros: batch.micros[index] ?? 0,
    outcome: batch.held?.includes(position) === true ? 'deferred' : 'done',
    at: batch.at,
  }
}

/** Buffers the removal of the oldest records beyond a count. */
export async function pruneDeliveries(
  store: Store,
  unit: UnitOfWork,
  subscriber: string,
  source: string,
  excess: number,
): Promise<void> {
  const oldest = await recordsFrom(store, `${subscriber}/${source}/`, excess)
  for (const { key } of oldest) unit.deleteRow(systemTables.deliveries, key)
  // Records of retries are removed together with the batches of their first attempts.
  const last = oldest.at(-1)?.key.slice(`${subscriber}/${source}/`.length) ?? ''
  const retryPrefix = `${subscriber}~/${source}/`
  for (const { key } of await recordsFrom(store, retryPrefix, excess)) {
    if (key.slice(retryPrefix.length) <= last) unit.deleteRow(systemTables.deliveries, key)
  }
}

function recordsFrom(store: Store, prefix: string, limit: number) {
  return store.find({ table: systemTables.deliveries, ...keysUnder(prefix), limit })
}
