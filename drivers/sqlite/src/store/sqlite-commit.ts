// Applies one unit of work within an open transaction: it checks everything first, and then writes everything.
// Invariant: a unit with a conflict writes nothing, so it needs no rollback of its own.

import type { DatabaseSync } from 'node:sqlite'
import { invariant } from 'tidings/errors'
import { type Append, type CommitConflict, type CommitResult, type CommitUnit, formatPosition } from 'tidings/ports'
import { parsePosition } from '../database/sqlite-positions.ts'
import { readMeta, writeMeta } from '../database/sqlite-schema.ts'
import type { Outbox } from '../event-log/sqlite-outbox.ts'
import type { Catalogue } from './sqlite-catalogue.ts'
import type { StreamState } from './sqlite-stream-states.ts'
import type { SqliteStreams } from './sqlite-streams.ts'

const none: readonly never[] = []

/** Revisions are reserved in blocks, so that not every commit has to store the last one. */
const revisionBlock = 1_000_000

/** The parts of a store that a unit of work changes. */
export interface UnitTarget {
  readonly database: DatabaseSync
  readonly catalogue: Catalogue
  readonly streams: SqliteStreams
  readonly outbox: Outbox
}

/** Applies units of work. */
export interface Units {
  /** Applies one within a transaction. */
  apply(unit: CommitUnit): CommitResult
  /** Forgets what a rollback has undone. */
  reload(): void
}

/** Prepares a store for units of work. */
export function openUnits({ database, catalogue, streams, outbox }: UnitTarget): Units {
  let revision = Number(readMeta(database, 'revision-block') ?? 0)
  let blockEnd = revision

  function nextRevision(): number {
    if (revision === blockEnd) {
      writeMeta(database, 'revision-block', revision + revisionBlock)
      blockEnd = revision + revisionBlock
    }
    revision += 1
    return revision
  }

  function conflictsOf(unit: CommitUnit, states: readonly StreamState[]): readonly CommitConflict[] {
    if (unit.checks.length === 0 && states.length === 0 && unit.factsHead === undefined) return none
    const conflicts: CommitConflict[] = []
    for (const check of unit.checks) {
      const actual = catalogue.table(check.table).row(check.key)?.revision ?? 0
      if (actual !== check.revision) conflicts.push({ kind: 'row', table: check.table, key: check.key })
    }
    for (const [index, { category, stream, expectedVersion }] of unit.appends.entries()) {
      const actual = states[index]?.version ?? 0
      if (actual !== expectedVersion)
        conflicts.push({ kind: 'stream', category, stream, expected: expectedVersion, actual })
    }
    if (unit.factsHead !== undefined && parsePosition(unit.factsHead) !== streams.head) {
      conflicts.push({ kind: 'facts-head', expected: unit.factsHead, actual: formatPosition(streams.head) })
    }
    return conflicts
  }

  function apply(unit: CommitUnit): CommitResult {
    const states =
      unit.appends.length === 0 ? none : unit.appends.map(({ category, stream }) => streams.state(category, stream))
    const conflicts = conflictsOf(unit, states)
    if (conflicts.length > 0) return { committed: false, conflicts }
    const own = nextRevision()
    for (const { table: name, key, row } of unit.rows) {
      const table = catalogue.table(name)
      if (row === null) table.remove(key)
      else {
        const { schemaVersion, json, columns } = row
        if (columns.length !== table.fields.length)
          invariant(false, `a row of ${name} has ${table.fields.length} columns`)
        table.put({ key, revision: own, schemaVersion, json }, columns)
      }
    }
    for (let index = 0; index < states.length; index++)
      streams.append(unit.appends[index] as Append, states[index] as StreamState)
    for (const event of unit.events) outbox.append(event)
    return {
      committed: true,
      revision: own,
      eventLogHead: outbox.headPosition,
      factsHead: streams.headPosition,
    }
  }

  return {
    apply,
    reload: () => {
      // The rollback may have undone the reservation of the block, so the next unit reserves a new one.
      blockEnd = revision
      catalogue.reload()
    },
  }
}
