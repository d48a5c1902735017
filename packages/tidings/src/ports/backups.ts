// Backups: the part of a driver that copies a store to a file and restores a store from one.
// Optional: for a driver without backups, `backupsOf` throws `BACKUP_UNSUPPORTED`.

import type { Awaitable } from './awaitable.ts'
import type { Ids } from './ids.ts'

/** How much of a store is copied. */
export interface BackupProgress {
  readonly bytesDone: number
  readonly bytesTotal: number
}

/** A request to back up a store. */
export interface BackupRequest {
  readonly service: string
  /** The path of the file to write; must not exist. A driver without files keeps the backup under this name. */
  readonly toFile: string
  /** Called repeatedly with the progress. Default: none. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/** A request to restore a store. */
export interface RestoreRequest {
  readonly service: string
  /** The path of a file that `backUp` wrote. */
  readonly fromFile: string
  /** Creates the new epoch. */
  readonly ids: Ids
  /** Called repeatedly with the progress. Default: none. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/** A request to check a store. */
export interface CheckRequest {
  readonly service: string
  /** Called repeatedly with how many events and facts were read, and how many there are. Default: none. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
}

/** What a check found. */
export interface CheckReport {
  /** The file that was read; left out if the store is in none. */
  readonly file?: string
  readonly eventCount: number
  readonly factCount: number
  /** How many events and facts have no checksum, because an earlier build stored them. */
  readonly uncheckedCount: number
  /** A sentence for each damage, with its position; at most 100. Empty if nothing is damaged. */
  readonly damages: readonly string[]
}

/**
 * The backups of a driver. They address stores by the name of the service; no engine needs to be open.
 *
 * Atomicity: a backup is one moment of the store: each unit of work is in it whole or not at all. A restore replaces the whole store,
 *   or leaves it unchanged.
 * Concurrency: you can take a backup while the store is open and written; units of work committed meanwhile are not in it. A restore
 *   throws `STORE_LOCKED` while the store is open.
 * Idempotence: a backup can be restored any number of times. Each restore begins a new epoch and names the earlier ones, each with the
 *   last position that the store still has of it.
 * Failure: a refused request changes nothing. `CONFIG_INVALID`: the file to write exists, the file to read does not exist, or there is no
 *   store. `CORRUPT_DATA`: the store or the file is damaged, or is the store of another service.
 * Damage: a backup is checked before it is finished, and a file before it is restored. A check reads the whole store and goes on after a
 *   damage. What no checksum covers, such as rows, is found only if its structure is damaged.
 */
export interface StoreBackups {
  /** Copies the store of a service to one file. */
  backUp(request: BackupRequest): Awaitable<void>
  /** Replaces the store with a backup; creates the store if there is none. */
  restore(request: RestoreRequest): Awaitable<void>
  /** Looks for damage in the store of a service, also while it is open. Throws `CONFIG_INVALID` if there is none. */
  check(request: CheckRequest): Awaitable<CheckReport>
}
