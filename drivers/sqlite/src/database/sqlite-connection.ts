// The one way to open a database file.
// Invariant: the durability and the journal of each connection are set and read back before it is used.

import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { TidingsError } from 'tidings'
import { invariant } from 'tidings/errors'
import { guarded } from './sqlite-errors.ts'

/**
 * What a commit survives.
 *
 * - `power-loss`: each commit is on the disk before it is acknowledged (`synchronous=FULL`).
 * - `process-crash`: each commit survives the end of the process. A power cut can undo the last ones, whole commits only (`synchronous=NORMAL`).
 */
export type Durability = 'power-loss' | 'process-crash'

/** A row as values in the order of the statement's columns. */
export type Row = readonly SQLOutputValue[]

/** A prepared statement whose rows are arrays. */
export interface Statement {
  all(...parameters: SQLInputValue[]): Row[]
  get(...parameters: SQLInputValue[]): Row | undefined
  run(...parameters: SQLInputValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint }
}

/** The oldest SQLite that is accepted. Older ones can corrupt a database when they reset a WAL (https://sqlite.org/wal.html). */
export const sqliteVersionMin = '3.51.3'

const levels: Readonly<Record<Durability, { readonly name: string; readonly number: number }>> = {
  'power-loss': { name: 'FULL', number: 2 },
  'process-crash': { name: 'NORMAL', number: 1 },
}

/** How a connection is opened. */
export interface ConnectionOptions {
  readonly durability: Durability
  /** Refuse to write. Default: false. */
  readonly readOnly?: boolean
  /** Refuse to create the file. If the old file was removed while someone has it open, a new one would share its WAL. Default: false. */
  readonly mustExist?: boolean
  /** How long to wait for a lock, in milliseconds. Default: 0. */
  readonly busyTimeoutMs?: number
  /** Memory for pages, in bytes. Default: 8 MiB. */
  readonly cacheBytes?: number
  /** If the WAL has at least this many pages, the commit itself checkpoints it. Default: 0, never. */
  readonly checkpointPages?: number
  /** Looks at the file before anything is written to it; if this throws, the file stays as it is. Default: every file is accepted. */
  readonly accept?: (database: DatabaseSync) => void
}

/** Opens a database in WAL mode. Throws `STORE_UNAVAILABLE` or `CORRUPT_DATA`. */
export function openConnection(path: string, options: ConnectionOptions): DatabaseSync {
  const { durability, readOnly = false, mustExist = false, accept } = options
  const { busyTimeoutMs = 0, cacheBytes = 8 * 1024 * 1024, checkpointPages = 0 } = options
  return guarded(
    `open ${path}`,
    () => {
      const location = mustExist ? existingFile(path) : path
      const database = new DatabaseSync(location, {
        readOnly,
        timeout: busyTimeoutMs,
        enableForeignKeyConstraints: false,
      })
      try {
        database.exec('PRAGMA trusted_schema = OFF')
        accept?.(database)
        if (!readOnly) database.exec('PRAGMA journal_mode = WAL')
        const { name, number } = levels[durability]
        database.exec(`PRAGMA synchronous = ${name}; PRAGMA fullfsync = ${durability === 'power-loss'};
        PRAGMA cache_size = -${Math.ceil(cacheBytes / 1024)}; PRAGMA temp_store = MEMORY;
        PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA journal_size_limit = ${64 * 1024 * 1024}`)
        invariant(pragma(database, 'synchronous') === number, `${path} runs with synchronous=${name}`)
        invariant(readOnly || pragma(database, 'journal_mode') === 'wal', `${path} keeps a WAL`)
        return database
      } catch (error) {
        closeUnchanged(path, database)
        throw error
      }
    },
    path,
  )
}

/**
 * Runs `write`, which begins the write-ahead log of a database that was just opened, without a wait for the disk if commits are not to wait either. SQLite
 * waits when it begins a log, so that a power cut cannot leave the frames of an older log behind a new header. A new log has no older frames: if its
 * header is lost, so are its frames.
 */
export function beginLog(database: DatabaseSync, durability: Durability, write: () => void): void {
  if (durability !== 'process-crash') {
    write()
    return
  }
  const { name, number } = levels[durability]
  database.exec('PRAGMA synchronous = OFF')
  try {
    write()
  } finally {
    database.exec(`PRAGMA synchronous = ${name}`)
  }
  invariant(pragma(database, 'synchronous') === number, `a store runs with synchronous=${name}`)
}

/** If the last connection that can write closes, SQLite moves the WAL into the file. While another one reads, it leaves both as they are. */
function closeUnchanged(path: string, database: DatabaseSync): void {
  let reader: DatabaseSync | undefined
  try {
    reader = new DatabaseSync(path, { readOnly: true })
    reader.exec('PRAGMA schema_version')
  } catch {
    // It is no database, or it is gone.
  }
  database.close()
  reader?.close()
}

function existingFile(path: string): URL {
  const url = pathToFileURL(path)
  url.searchParams.set('mode', 'rw')
  return url
}

/** The value of a pragma. */
export function pragma(database: DatabaseSync, name: string): SQLOutputValue | undefined {
  return prepare(database, `PRAGMA ${name}`).get()?.[0]
}

/** Runs `work` in a transaction of its own, which is rolled back if it throws. Ends the snapshot that reads share, if there is one. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  if (database.isTransaction) database.exec('COMMIT')
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    // Some errors end the transaction by themselves.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Prepares a statement whose rows are arrays. */
export function prepare(database: DatabaseSync, sql: string): Statement {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return statement as unknown as Statement
}

/** A statement that is prepared when it is first asked for. Most services need few, and to prepare all would take a tenth of opening a store. */
export function prepareLater(database: DatabaseSync, sql: string): () => Statement {
  let statement: Statement | undefined
  return () => {
    statement ??= prepare(database, sql)
    return statement
  }
}

/** Refuses a SQLite that is too old with `ENGINE_TOO_OLD`. */
export function checkSqliteVersion(version: string): void {
  const [numbers, minimum] = [version, sqliteVersionMin].map((text) => text.split('.').map(Number))
  for (const [index, least] of (minimum ?? []).entries()) {
    const number = numbers?.[index] ?? 0
    if (number > least) return
    if (number < least) {
      throw new TidingsError(
        'ENGINE_TOO_OLD',
        `SQLite ${version} is older than ${sqliteVersionMin}, the oldest that is safe.`,
        {
          hint: 'Use the newest release of Node 24 or later; SQLite comes with it.',
          details: { version, minimum: sqliteVersionMin },
        },
      )
    }
  }
}

/** The version of SQLite that is part of Node. */
export function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:')
  try {
    return String(prepare(database, 'SELECT sqlite_version()').get()?.[0])
  } finally {
    database.close()
  }
}
