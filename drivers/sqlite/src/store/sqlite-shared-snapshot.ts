// The reads between two commits share one snapshot: to begin and to end one takes longer than to read a row.
// Invariant: it ends before the store writes. Nobody else writes the file, so it is never older than the last commit; and as it begins after that
// commit, it holds back no checkpoint.

import type { DatabaseSync } from 'node:sqlite'
import { prepare } from '../database/sqlite-connection.ts'

/** The snapshot of a store's connection. */
export interface SharedSnapshot {
  /** Begins it, unless it has begun. Call it before a read. */
  begin(): void
  /** Ends it, if it has begun. Call it before a write. */
  end(): void
}

/** Makes the snapshot of a connection, which has not begun. */
export function createSharedSnapshot(database: DatabaseSync): SharedSnapshot {
  const begin = prepare(database, 'BEGIN')
  const end = prepare(database, 'COMMIT')
  return {
    begin: () => {
      if (!database.isTransaction) begin.run()
    },
    end: () => {
      // Some errors end a transaction by themselves.
      if (database.isTransaction) end.run()
    },
  }
}
