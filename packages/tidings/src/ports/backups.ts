// Backups: the part of a driver that copies a store into a file and puts such a file in a store's place.
// It is optional: a driver that has no backups leaves it out, and `backupsOf` refuses with `BACKUP_UNSUPPORTED`.

import type { Awaitable } from './awaitable.ts'
import type { Ids } from './ids.ts'

/** How much of a store has been copied. */
export interface BackupProgress {
  readonly bytesDone: number
  readonly bytesTotal: number
}

/** What to back up, and where to. */
export interface BackupRequest {
  readonly service: string
  /** The file to write; must not exist. A path; a driver without files keeps the backup under this name. */
  readonly toFile: string
  /** Called again and again with the progress. Default: none. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/** What to restore, and where from. */
export interface RestoreRequest {
  readonly service: string
  /** A file that `backUp` wrote. */
  readonly fromFile: string
  /** Gives the new epoch. */
  readonly ids: Ids
  /** Called again and again with the progress. Default: none. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/**
 * The backups of a driver. They work on stores by name, and no engine has to be open.
 *
 * Atomicity: a backup is one moment of the store: each unit of work is in it whole or not at all. A restore replaces the whole store,
 * or leaves it as it was.
 * Concurrency: a backup may be taken while the store is open and written; units of work committed meanwhile are not in it. A restore
 * throws `STORE_LOCKED` while the store is open.
 * Idempotence: a backup can be restored any number of times. Each restore begins a new epoch and names the earlier ones, each with the
 * last position that the store still has of it.
 * Failure: what is refused changes nothing. `CONFIG_INVALID`: the file to write exists, the file to read does not, or there is no store.
 * `CORRUPT_DATA`: the file is damaged, or is the store of another service.
 */
export interface StoreBackups {
  /** Copies the store of a service into one file. */
  backUp(request: BackupRequest): Awaitable<void>
  /** Puts a backup in the store's place; makes the store if there is none. */
  restore(request: RestoreRequest): Awaitable<void>
}
