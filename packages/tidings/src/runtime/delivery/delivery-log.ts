// Every delivery leaves a record. The checkpoint, which each batch writes anyway, keeps the last ones; when it has enough of them, they become one row.
// So a record costs a few bytes, and mostly neither a row nor an index entry. Invariant: a record is in the checkpoint or in a row, never in both.

import type { Position, Store } from '../../ports/index.ts'
import { keysUnder } from '../unit-of-work/pages-of-rows.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Checkpoint, RecentDelivery } from './subscription-change.ts'

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

/** The most records that a checkpoint keeps: more would make each commit dearer than the rows that are saved. */
const recentCountMax = 16

/** Rows of what were several partitions once may lie between each other: so many are looked through. */
const rowsBesideMax = 16

/** One batch, or several small ones. */
interface BatchRow {
  /** When the last batch ended. */
  readonly at: number
  readonly positions: readonly Position[]
  readonly micros: readonly number[]
  /** When the batch of each delivery ended; left out if that is `at` for all. */
  readonly times?: readonly number[]
  /** Left out if every delivery was a first attempt. */
  readonly attempts?: readonly number[]
  /** The positions that were deferred; left out if there are none. */
  readonly held?: readonly Position[]
}

/** Buffers the records of retries into their unit of work, as a row that is keyed by their position. */
export function stageRetries(
  unit: UnitOfWork,
  subscriber: string,
  source: string,
  records: readonly DeliveryRecord[],
): void {
  stageRow(unit, `${subscriber}~/${source}/`, records)
}

/**
 * Takes the records of a batch into the checkpoint that its commit writes; if that has enough of them, buffers them into the unit as a row.
 *
 * @returns the checkpoint to write.
 */
export function keepRecords(
  unit: UnitOfWork,
  subscriber: string,
  source: string,
  records: readonly DeliveryRecord[],
  checkpoint: Checkpoint,
): Checkpoint {
  if (records.length === 0) return checkpoint
  const { recent = [] } = checkpoint
  if (recent.length + records.length <= recentCountMax && records.every(isPlain))
    return { ...checkpoint, recent: [...recent, ...records.map(toRecent)] }
  stageRow(unit, `${subscriber}/${source}/`, [...recent.map(fromRecent), ...records])
  return { ...checkpoint, recent: undefined, batches: checkpoint.batches + 1 }
}

/** Buffers the records that a checkpoint keeps into a unit as a row, because the checkpoint is given up. */
export function stageRecent(unit: UnitOfWork, subscriber: string, source: string, { recent = [] }: Checkpoint): void {
  stageRow(unit, `${subscriber}/${source}/`, recent.map(fromRecent))
}

const isPlain = ({ attempt, outcome }: DeliveryRecord): boolean => attempt === 1 && outcome === 'done'

const toRecent = ({ position, durationMicros, at }: DeliveryRecord): RecentDelivery => [position, durationMicros, at]

function fromRecent([position, durationMicros, at]: RecentDelivery): DeliveryRecord {
  return { position, attempt: 1, durationMicros, outcome: 'done', at }
}

function stageRow(unit: UnitOfWork, prefix: string, records: readonly DeliveryRecord[]): void {
  const last = records.at(-1)
  if (last === undefined) return
  const deferred = records.filter((record) => record.outcome === 'deferred').map((record) => record.position)
  const row: BatchRow = {
    at: last.at,
    positions: records.map((record) => record.position),
    micros: records.map((record) => record.durationMicros),
    ...(records.every((record) => record.at === last.at) ? {} : { times: records.map((record) => record.at) }),
    ...(records.every((record) => record.attempt === 1) ? {} : { attempts: records.map((record) => record.attempt) }),
    ...(deferred.length === 0 ? {} : { held: deferred }),
  }
  unit.putDocument(systemTables.deliveries, `${prefix}${last.position}`, row)
}

/** The last record of a delivery; `undefined` if there is none yet, or if it was pruned. */
export async function findDelivery(
  store: Store,
  subscriber: string,
  source: string,
  position: Position,
): Promise<DeliveryRecord | undefined> {
  const stored = () => findIn(store, `${subscriber}/${source}/`, position)
  return (
    (await findIn(store, `${subscriber}~/${source}/`, position)) ??
    (await stored()) ??
    (await findRecent(store, `${subscriber}/${source}`, position)) ??
    // It has become a row in the meantime.
    (await stored())
  )
}

async function findRecent(store: Store, key: string, position: Position): Promise<DeliveryRecord | undefined> {
  const kept = await readDocument<Checkpoint>(store, systemTables.checkpoints, key)
  const found = kept?.document.recent?.findLast((record) => record[0] === position)
  return found === undefined ? undefined : fromRecent(found)
}

async function findIn(store: Store, prefix: string, position: Position): Promise<DeliveryRecord | undefined> {
  // A row is keyed by its last position, so the first row from here on is the one that can contain this delivery.
  for (const limit of [1, rowsBesideMax]) {
    const { toKey } = keysUnder(prefix)
    const rows = await store.find({ table: systemTables.deliveries, fromKey: `${prefix}${position}`, toKey, limit })
    for (const { json } of rows) {
      const batch = JSON.parse(json) as BatchRow
      const index = batch.positions.lastIndexOf(position)
      if (index >= 0) return recordIn(batch, index)
    }
    if (rows.length < limit) return undefined
  }
  return undefined
}

function recordIn({ positions, attempts, micros, held, times, at }: BatchRow, index: number): DeliveryRecord {
  const position = positions[index] ?? ''
  return {
    position,
    attempt: attempts?.[index] ?? 1,
    durationMicros: micros[index] ?? 0,
    outcome: held?.includes(position) === true ? 'deferred' : 'done',
    at: times?.[index] ?? at,
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
