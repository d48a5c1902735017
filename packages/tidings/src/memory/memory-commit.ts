// The state of a store, and the commit of one unit of work: first check everything, then write everything, without an `await` between.
// Invariant: a unit that has a conflict or throws has written nothing.

import { invariant } from '../errors/index.ts'
import type { CommitConflict, CommitResult, CommitUnit, EarlierEpoch, StoreCapabilities } from '../ports/index.ts'
import { MemoryChanges } from './memory-changes.ts'
import { MemoryLog } from './memory-event-log.ts'
import { MemoryStreams } from './memory-streams.ts'
import { MemoryTables } from './memory-tables.ts'

/** The state of one store; it outlives the `Store` objects that write it. */
export interface StoreState {
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
  readonly tables: MemoryTables
  readonly streams: MemoryStreams
  readonly log: MemoryLog
  /** The changes of tables of which somebody has asked. */
  readonly changes: MemoryChanges
  /** The revision of the last commit. */
  revision: number
  /** When the last event and the last fact were recorded, where there are many writers. */
  recorded: { readonly event: number; readonly fact: number }
}

/** The state of a new store. */
export function emptyState(epoch: string): StoreState {
  return {
    epoch,
    earlierEpochs: [],
    tables: new MemoryTables(),
    streams: new MemoryStreams(),
    log: new MemoryLog(),
    changes: new MemoryChanges(),
    revision: 0,
    recorded: { event: Number.NEGATIVE_INFINITY, fact: Number.NEGATIVE_INFINITY },
  }
}

/** A copy that shares no mutable data. The changes are no part of it: whoever has read them reads another store afterwards. */
export function copyState(state: StoreState): StoreState {
  const { tables, streams, log } = state
  return { ...state, tables: tables.copy(), streams: streams.copy(), log: log.copy(), changes: new MemoryChanges() }
}

/** Commits one unit of work, or returns its conflicts. */
export function commitUnit(
  service: string,
  state: StoreState,
  given: CommitUnit,
  writers: StoreCapabilities['writers'],
): CommitResult {
  const conflicts = conflictsOf(state, given)
  if (conflicts.length > 0) return { committed: false, conflicts }
  checkUnit(state, given)
  const unit = writers === 'many' ? inOrderOfTime(state, given) : given
  state.revision += 1
  for (const write of unit.rows) state.tables.table(write.table).write(write, state.revision)
  state.changes.note(unit.rows, state.revision)
  for (const append of unit.appends) state.streams.append(append)
  for (const event of unit.events) state.log.append(service, event)
  return { committed: true, revision: state.revision, eventLogHead: state.log.head, factsHead: state.streams.head }
}

// Each writer has its own idea of the store's time, and others may have committed since it looked.
function inOrderOfTime(state: StoreState, unit: CommitUnit): CommitUnit {
  let { event, fact } = state.recorded
  const appends = unit.appends.map((append) => ({
    ...append,
    facts: append.facts.map((each) => {
      fact = Math.max(fact, each.recordedAt)
      return { ...each, recordedAt: fact }
    }),
  }))
  const events = unit.events.map((each) => {
    event = Math.max(event, each.recordedAt)
    return { ...each, recordedAt: event }
  })
  state.recorded = { event, fact }
  return { ...unit, appends, events }
}

function conflictsOf({ tables, streams }: StoreState, unit: CommitUnit): CommitConflict[] {
  const conflicts: CommitConflict[] = []
  for (const { table, key, revision } of unit.checks) {
    const actual = tables.table(table).get(key)?.revision ?? 0
    if (actual !== revision) conflicts.push({ kind: 'row', table, key })
  }
  for (const { category, stream, expectedVersion: expected } of unit.appends) {
    const actual = streams.version(category, stream)
    if (actual !== expected) conflicts.push({ kind: 'stream', category, stream, expected, actual })
  }
  if (unit.factsHead !== undefined && unit.factsHead !== streams.head) {
    conflicts.push({ kind: 'facts-head', expected: unit.factsHead, actual: streams.head })
  }
  return conflicts
}

/** Makes all checks that may throw, before anything is written. */
function checkUnit({ tables }: StoreState, { rows, appends }: CommitUnit): void {
  for (const { table, row } of rows) {
    const { fields } = tables.table(table)
    invariant(row === null || row.columns.length === fields.length, `a row of ${table} has ${fields.length} columns`)
  }
  const streams = appends.map(({ category, stream }) => JSON.stringify([category, stream]))
  invariant(new Set(streams).size === streams.length, 'a unit of work appends to a stream once')
}
