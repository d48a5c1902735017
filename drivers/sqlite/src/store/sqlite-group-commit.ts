// Commits that are called at the same time share one transaction, and so one flush to the disk.
// Invariant: no `await` happens between the begin and the end of a transaction, so no other code of this process can become part
// of it. Whatever happens to one unit, each other unit of the group has its own outcome.

import type { DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import type { CommitResult, CommitUnit, Timeouts } from 'tidings/ports'
import { prepare } from '../database/sqlite-connection.ts'
import { toTidingsError } from '../database/sqlite-errors.ts'

interface Waiting {
  readonly unit: CommitUnit
  readonly resolve: (result: CommitResult) => void
  readonly reject: (error: unknown) => void
}

/** What a group commit needs. */
export interface GroupCommitOptions {
  readonly database: DatabaseSync
  readonly timeouts: Timeouts
  /** The file, for messages. */
  readonly path: string
  /** The most units of one transaction. */
  readonly groupUnitsMax: number
  /** Called before a transaction begins. */
  readonly beforeBegin: () => void
  /** Applies a unit within the transaction. */
  readonly apply: (unit: CommitUnit) => CommitResult
  /** Called at the end of the transaction. */
  readonly beforeCommit: () => void
  /** Throws if what is committed would be lost. Called after each transaction, before its callers have their results. */
  readonly checkFiles: () => void
  /** Called when a transaction was rolled back. */
  readonly rolledBack: () => void
  /** Called when a transaction was committed and its callers have their results. */
  readonly committed: () => void
}

/** Commits units of work in groups. */
export interface GroupCommit {
  commit(unit: CommitUnit): Promise<CommitResult>
  /** Commits everything that waits, at once. */
  flush(): void
}

/** Opens the group commit of a store. */
export function openGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { database, timeouts, groupUnitsMax, apply } = options
  const begin = prepare(database, 'BEGIN IMMEDIATE')
  const end = prepare(database, 'COMMIT')
  let queue: Waiting[] = []
  let scheduled = false
  /** Whether the files were in their places after the last transaction. If not, nothing is written until they are. */
  let inPlace = true

  function checkFiles(): void {
    inPlace = false
    options.checkFiles()
    inPlace = true
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    timeouts.soon(() => {
      scheduled = false
      flushGroup()
    })
  }

  function flushGroup(): void {
    if (queue.length === 0) return
    const group = queue.length <= groupUnitsMax ? queue : queue.slice(0, groupUnitsMax)
    queue = queue.slice(group.length)
    if (queue.length > 0) schedule()
    commitGroup(group)
  }

  function commitGroup(group: readonly Waiting[]): void {
    let results: CommitResult[]
    try {
      if (!inPlace) checkFiles()
      options.beforeBegin()
      begin.run()
      results = group.map(({ unit }) => apply(unit))
      options.beforeCommit()
    } catch (error) {
      rollBack()
      const [first, second] = group
      if (second === undefined) first?.reject(toTidingsError(error, 'commit a unit of work', options.path))
      else for (const waiting of group) commitGroup([waiting])
      return
    }
    try {
      end.run()
      checkFiles()
    } catch (error) {
      rollBack()
      const ambiguous = ambiguousCommit(error, options.path)
      for (const { reject } of group) reject(ambiguous)
      return
    }
    for (const [index, result] of results.entries()) group[index]?.resolve(result)
    options.committed()
  }

  function rollBack(): void {
    // Some errors end the transaction by themselves.
    if (database.isTransaction) database.exec('ROLLBACK')
    options.rolledBack()
  }

  return {
    commit: (unit) =>
      new Promise((resolve, reject) => {
        queue.push({ unit, resolve, reject })
        schedule()
      }),
    flush: () => {
      while (queue.length > 0) flushGroup()
    },
  }
}

/** COMMIT itself failed: the unit may or may not survive the process, and no caller can rely on either. */
function ambiguousCommit(error: unknown, path: string): TidingsError {
  const cause = toTidingsError(error, 'commit', path)
  const { message, hint, details } = cause instanceof TidingsError ? cause : { message: String(cause) }
  return new TidingsError('STORE_UNAVAILABLE', `${message} Whether the commit is on the disk is not known.`, {
    details: { ...details, ambiguous: true },
    ...(hint === undefined ? {} : { hint }),
    cause,
  })
}
