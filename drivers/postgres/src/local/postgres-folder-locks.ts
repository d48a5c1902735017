// The locks of a server's folder: one process at a time starts or stops the server, and every process that uses it shares a lock, so that the
// last one knows that it is the last. They are locks of SQLite, which the operating system frees however a process ends.
// Invariant: no other code of this process opens and closes these files, because closing any descriptor drops all locks of the process on it.

import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { TidingsError } from 'tidings'

/** A lock that is held. */
export interface FolderLock {
  release(): void
}

/** How often a process that waits for another one tries again, in milliseconds. */
const retryMs = 10
/** How long a process waits for others that start or stop the server, in milliseconds. */
const waitMsMax = 60_000
const busy = 5

/** Takes the turn to start or stop the server. Throws `STORE_LOCKED` if another process does not end its turn within a minute. */
export async function takeTurn(folder: string): Promise<FolderLock> {
  for (let waitedMs = 0; waitedMs < waitMsMax; waitedMs += retryMs) {
    const turn = tryTurn(folder)
    if (turn !== undefined) return turn
    await pause(retryMs)
  }
  throw new TidingsError(
    'STORE_LOCKED',
    `Another process has been starting or stopping the Postgres of ${folder} for a minute.`,
    {
      hint: 'Stop that process, and start again.',
      details: { folder },
    },
  )
}

/** The turn, if no other process has it. */
export function tryTurn(folder: string): FolderLock | undefined {
  return tryLock(path.join(folder, 'turn.lock'), 'BEGIN EXCLUSIVE')
}

/** Notes that this process uses the server, until it releases the lock or ends. Call it during a turn. */
export function joinUsers(folder: string): FolderLock {
  const lock = tryLock(usersFile(folder), 'BEGIN; SELECT count(*) FROM sqlite_schema')
  if (lock !== undefined) return lock
  throw new TidingsError('INVARIANT', `Only a process that has the turn looks for users of ${folder}.`)
}

/** Whether a process uses the server. Call it during a turn. */
export function hasUsers(folder: string): boolean {
  const lock = tryLock(usersFile(folder), 'BEGIN EXCLUSIVE')
  lock?.release()
  return lock === undefined
}

const usersFile = (folder: string): string => path.join(folder, 'users.lock')

function tryLock(file: string, sql: string): FolderLock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec(sql)
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === busy) return undefined
    throw error
  }
}
