// The lock of a store: an open transaction in a tiny database of its own. The operating system frees it whenever the process ends, in
// whatever way. It does not affect readers of the store. Invariant: no other code of this process opens and closes the lock's file, because
// closing any descriptor of a file drops all POSIX locks that the process has on it.

import { accessSync, constants, existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import { prepare } from './sqlite-connection.ts'
import { guarded, resultCode, resultCodeOf } from './sqlite-errors.ts'
import { createPrivate, filesOf } from './sqlite-files.ts'

/** How long to wait for a process that only checks whether the lock is held, in milliseconds. */
const busyTimeoutMs = 200

/** A lock that is held. */
export interface StoreLock {
  release(): void
}

/** Takes the lock. Throws `STORE_LOCKED`, with the process id and the host of the holder if they are known. */
export function takeLock(path: string, service: string): StoreLock {
  return guarded(
    `lock ${path}`,
    () => {
      createPrivate(path)
      const database = openLock(path, busyTimeoutMs)
      try {
        claim(database, path)
        return { release: () => database.close() }
      } catch (error) {
        const busy = resultCodeOf(error) === resultCode.busy
        const refusal = busy ? lockedBy(holderOf(database), hostOf(database), service) : error
        database.close()
        throw refusal
      }
    },
    path,
  )
}

/** Writes the process id and the host of the holder for others to read, and takes the lock. If another process came in between, it tries again. */
function claim(database: DatabaseSync, path: string): void {
  // Each table is one page, which a process that is killed has written or not: a file that has both needs no journal beside it. To create and
  // remove one would take several times as long as everything else here. In a folder that may only be read, the journal that cannot be created says so
  // now, and not when the store needs a file there.
  if (hasTables(database) && mayWriteIn(dirname(path))) database.exec('PRAGMA journal_mode = MEMORY')
  for (;;) {
    database.exec('BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER); DELETE FROM holder')
    prepare(database, 'INSERT INTO holder VALUES (?)').run(process.pid)
    // A table of its own: builds that do not know it write the other one only, so it counts only with the same process id.
    database.exec('CREATE TABLE IF NOT EXISTS holder_host (pid INTEGER, host TEXT); DELETE FROM holder_host')
    prepare(database, 'INSERT INTO holder_host VALUES (?, ?)').run(process.pid, hostname())
    database.exec('COMMIT; BEGIN IMMEDIATE')
    if (holderOf(database) === process.pid) return
    database.exec('ROLLBACK')
  }
}

function mayWriteIn(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function hasTables(database: DatabaseSync): boolean {
  return firstValue(database, `SELECT count(*) FROM sqlite_schema WHERE name IN ('holder', 'holder_host')`) === 2
}

function lockedBy(pid: number | undefined, host: string | undefined, service: string): TidingsError {
  const elsewhere = host !== undefined && host !== hostname()
  const named = elsewhere ? `process ${pid} on ${host}` : pid === process.pid ? 'this process' : `process ${pid}`
  const holder = pid === undefined ? 'another process' : named
  return new TidingsError('STORE_LOCKED', `The store of ${service} is open in ${holder}.`, {
    details: { service, ...(pid === undefined ? {} : { pid }), ...(host === undefined ? {} : { host }) },
  })
}

/** Whether a process has the store of a service open for writing. */
export function isStoreOpen(directory: string, service: string): boolean {
  const path = filesOf(directory, service).lock
  if (!existsSync(path)) return false
  return guarded(
    `check ${path}`,
    () => {
      const database = openLock(path, 0)
      try {
        database.exec('BEGIN IMMEDIATE; ROLLBACK')
        return false
      } catch (error) {
        if (resultCodeOf(error) === resultCode.busy) return true
        throw error
      } finally {
        database.close()
      }
    },
    path,
  )
}

function openLock(path: string, timeout: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout })
  database.exec('PRAGMA synchronous = OFF')
  return database
}

function holderOf(database: DatabaseSync): number | undefined {
  const pid = firstValue(database, 'SELECT pid FROM holder')
  return typeof pid === 'number' ? pid : undefined
}

function hostOf(database: DatabaseSync): string | undefined {
  const host = firstValue(database, 'SELECT host FROM holder_host JOIN holder USING (pid)')
  return typeof host === 'string' ? host : undefined
}

function firstValue(database: DatabaseSync, sql: string): unknown {
  try {
    return prepare(database, sql).get()?.[0]
  } catch (error) {
    // No process has written it yet.
    if (resultCodeOf(error) === undefined) throw error
    return undefined
  }
}
