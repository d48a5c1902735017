// Opens databases for the yardstick: WAL, a durability, the same cache size as the SQLite driver, and checkpoints in a thread as there.

import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Durability } from '../work.ts'
import { openCheckpointer } from './checkpointer.ts'

/** If the thread cannot keep up and the WAL has so many pages, the commit checkpoints it: as in the SQLite driver. */
const checkpointPages = 8_192

/** A database with its transaction statements prepared. */
export interface Database {
  readonly sqlite: DatabaseSync
  /** Runs `work` in one transaction. */
  transaction<T>(work: () => T): T
  close(): void
  /** Once it is closed: resolves when nobody holds its file, so that it can be opened again. */
  released(): Promise<void>
}

/** Opens a database file in a folder; creates it if it does not exist. */
export function openDatabase(folder: string, name: string, durability: Durability): Database {
  const file = path.join(folder, `${name}.sqlite`)
  // The checkpointer of the last one that had the file open may still be at work.
  const sqlite = new DatabaseSync(file, { timeout: 1_000 })
  sqlite.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === 'power-loss' ? 'FULL' : 'NORMAL'};
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = ${checkpointPages}`)
  const checkpointer = openCheckpointer(file, durability)
  const begin = sqlite.prepare('BEGIN IMMEDIATE')
  const commit = sqlite.prepare('COMMIT')
  return {
    sqlite,
    transaction: (work) => {
      begin.run()
      try {
        const result = work()
        commit.run()
        checkpointer.written()
        return result
      } catch (error) {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
        throw error
      }
    },
    close: () => {
      checkpointer.close()
      sqlite.close()
    },
    released: () => checkpointer.ended(),
  }
}
