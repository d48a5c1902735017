// The files of a service. Invariant: only the owner can read a file that is created here. If this process may have a file open, only SQLite
// opens and closes it: closing it in another way would drop the locks that the process has on it.

import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readdirSync, realpathSync, writeSync } from 'node:fs'
import path from 'node:path'
import { checkName } from 'tidings/contracts'
import { messageOfThrown } from 'tidings/errors'
import { unavailable } from './sqlite-errors.ts'
import { errorCode } from './sqlite-permissions.ts'

/** The files of one service. */
export interface StoreFiles {
  /** The database. SQLite keeps `-wal` and `-shm` beside it. */
  readonly database: string
  /** Locked by the one process that writes. */
  readonly lock: string
}

/** The files of a service in a directory. Throws `INVALID_NAME` if the name could lead out of it. */
export function filesOf(directory: string, service: string): StoreFiles {
  checkName('service', service)
  const base = path.join(directory, service)
  return { database: `${base}.db`, lock: `${base}.lock` }
}

/** The services that have a file in a directory. */
export function storedServices(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[a-z][a-z0-9-]*\.db$/.test(entry.name))
    .map(({ name }) => name.slice(0, -'.db'.length))
    .sort()
}

/** Creates the directory if it does not exist, and returns its real path. Throws `STORE_UNAVAILABLE`. */
export function ensureDirectory(directory: string): string {
  try {
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 })
    if (made !== undefined) chmodSync(directory, 0o700)
    return realpathSync(directory)
  } catch (error) {
    const details = { directory, reason: errorCode(error) }
    throw unavailable(
      `The directory ${directory} cannot be used: ${messageOfThrown(error)}.`,
      details,
      error,
      path.join(directory, 'x'),
    )
  }
}

/** What a file is created with. */
export interface FileContent {
  readonly bytes: Uint8Array
  /** Whether they are on the disk when the call returns. */
  readonly isFlushed: boolean
}

/** Creates a file that only its owner can read, empty or with `content`. A file that exists stays as it is. */
export function createPrivate(file: string, content?: FileContent): void {
  try {
    const descriptor = openSync(file, 'wx', 0o600)
    try {
      if (content === undefined) return
      writeSync(descriptor, content.bytes)
      if (content.isFlushed) fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return
    const details = { file, reason: errorCode(error) }
    throw unavailable(`The file ${file} cannot be created: ${messageOfThrown(error)}.`, details, error, file)
  }
}
