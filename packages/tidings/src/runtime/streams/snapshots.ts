// Snapshots of streams. A snapshot is a cache: the facts are the truth.
// Invariant: a snapshot that cannot be written or read is skipped, and logged once; the command goes on.

import { type PayloadLimits, toJson } from '../../contracts/index.ts'
import { describeThrown } from '../../errors/index.ts'
import type { Store } from '../../ports/index.ts'
import type { Decider, Log } from '../../services/index.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** A snapshot as stored. */
interface Snapshot {
  /** The version of the state's shape. */
  readonly shape: number
  readonly streamVersion: number
  readonly state: unknown
}

/** Where snapshots that are skipped are told, each decider's once. */
export interface SkippedSnapshots {
  readonly log: Log
  /** Whether this is the first of a decider. */
  isFirst(decider: string): boolean
}

/** Buffers a snapshot into a unit of work, if it can be written. */
export function saveSnapshot(
  unit: UnitOfWork,
  decider: Decider,
  { stream, version, state }: { readonly stream: string; readonly version: number; readonly state: unknown },
  limits: PayloadLimits,
  skipped: SkippedSnapshots,
): void {
  if (decider.snapshot === undefined) return
  const snapshot: Snapshot = { shape: decider.snapshot.version, streamVersion: version, state }
  let json: string
  try {
    json = toJson(`A snapshot of ${decider.name}`, snapshot, limits)
  } catch (error) {
    if (!skipped.isFirst(decider.name)) return
    const { code, message } = describeThrown(error)
    const fields = { decider: decider.name, stream, streamVersion: version, code, error: message }
    skipped.log.warn('A snapshot cannot be written; its streams are read from their facts', fields)
    return
  }
  unit.put(systemTables.snapshots, keyOf(decider, stream), { schemaVersion: 1, json, columns: [] })
}

/** The snapshot of a stream; `undefined` if there is none of the present shape, or if it cannot be read. */
export async function readSnapshot(store: Store, decider: Decider, stream: string): Promise<Snapshot | undefined> {
  if (decider.snapshot === undefined) return undefined
  const row = await store.get(systemTables.snapshots, keyOf(decider, stream))
  const kept = row === undefined ? undefined : parse(row.json)
  return kept?.shape === decider.snapshot.version ? kept : undefined
}

function parse(json: string): Snapshot | undefined {
  try {
    const kept = JSON.parse(json) as Snapshot | null
    return Number.isSafeInteger(kept?.streamVersion) ? (kept ?? undefined) : undefined
  } catch {
    return undefined
  }
}

function keyOf(decider: Decider, stream: string): string {
  return `${decider.name}/${stream}`
}
