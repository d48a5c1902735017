// Backup of a store, also while it is written. Invariant: a backup is one moment of the store, and one file.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { platform } from 'node:os'
import path from 'node:path'
import { backup, type DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import { openConnection } from '../database/sqlite-connection.ts'
import { guarded, toTidingsError } from '../database/sqlite-errors.ts'
import { createPrivate, filesOf } from '../database/sqlite-files.ts'
import { checkService, readIdentity } from '../database/sqlite-schema.ts'

/** How far a backup or restore has come, in pages of the database. */
export interface BackupProgress {
  readonly pagesDone: number
  readonly pagesTotal: number
}

/** What to back up, and where to. */
export interface BackupOptions {
  /** Where the databases live. */
  readonly directory: string
  /** Whose store. */
  readonly service: string
  /** The file to write; must not exist. */
  readonly toFile: string
  /** Told again and again how far it is. Default: nobody. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/** Pages copied in one step; others work between the steps. */
const pagesPerStep = 1_000

/**
 * Copies a store, also while it is written, into one file.
 *
 * Throws `CONFIG_INVALID` where the file exists or there is no store, `STORE_UNAVAILABLE` where it cannot be written.
 */
export async function backupStore({ directory, service, toFile, onProgress }: BackupOptions): Promise<void> {
  const { database: from } = filesOf(directory, service)
  if (existsSync(toFile)) throw invalid(`The file ${toFile} exists already.`, 'Name a file that does not exist yet.')
  if (!existsSync(from))
    throw invalid(`There is no store of ${service} in ${directory}.`, 'Check the service and the directory.')
  const partial = `${toFile}.partial`
  const source = openConnection(from, { durability: 'power-loss', readOnly: true, busyTimeoutMs: 1_000 })
  try {
    // The snapshot is held for the whole copy: without it, every commit would make the copy begin again.
    source.exec('BEGIN')
    checkService(readIdentity(source, from), service, from)
    await copy(source, partial, onProgress)
    finish(partial)
    renameSync(partial, toFile)
    // The new name must be on the disk too; Windows has no such call for folders.
    if (platform() !== 'win32') syncFile(path.dirname(toFile))
  } catch (error) {
    rmSync(partial, { force: true })
    throw toTidingsError(error, `back up the store of ${service}`)
  } finally {
    source.close()
  }
}

/** Copies a database page by page, and lets others work between the steps. */
export async function copy(
  source: DatabaseSync,
  target: string,
  onProgress: BackupOptions['onProgress'],
): Promise<void> {
  createPrivate(target)
  await backup(source, target, {
    rate: pagesPerStep,
    progress: ({ totalPages, remainingPages }) =>
      onProgress?.({ pagesDone: totalPages - remainingPages, pagesTotal: totalPages }),
  })
}

/** Makes a copy one file: no WAL that could be forgotten beside it, and on the disk. */
function finish(file: string): void {
  guarded(`finish ${file}`, () => {
    const database = openConnection(file, { durability: 'power-loss' })
    database.exec('PRAGMA journal_mode = DELETE')
    database.close()
  })
  syncFile(file)
}

function syncFile(file: string): void {
  const descriptor = openSync(file, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** What a person who backs up or restores asked for and cannot have. */
export function invalid(message: string, hint: string): TidingsError {
  return new TidingsError('CONFIG_INVALID', message, { hint })
}
