// Opens databases for the yardstick: WAL, a durability, and the same cache size as the SQLite driver.

import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Durability } from '../work.ts'

/** A database with its transaction statements prepared. */
export interface Database {
  readonly sqlite: DatabaseSync
  /** Runs `work` in one transaction. */
  transaction<T>(work: () => T): T
}

/** Opens a database file in a folder; creates it if it does not exist. */
export function openDatabase(folder: string, name: string, durability: Durability): Database {
  const sqlite = new DatabaseSync(path.join(folder, `${name}.sqlite`))
  sqlite.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === 'power-loss' ? 'FULL' : 'NORMAL'};
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY`)
  const begin = sqlite.prepare('BEGIN IMMEDIATE')
  const commit = sqlite.prepare('COMMIT')
  return {
    sqlite,
    transaction: (work) => {
      begin.run()
      try {
        const result = work()
        commit.run()
        return result
      } catch (error) {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
        throw error
      }
    },
  }
}
