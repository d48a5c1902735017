// Backs up a store, even while it is written. Invariant: a backup is one moment of the store, and one file.

import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { platform } from 'node:os'
import path from 'node:path'
import { backup, type DatabaseSync } from 'node:sqlite'
import type { BackupProgress, BackupRequest } from 'tidings/ports'
import { openConnection, pragma } from '../database/sqlite-connection.ts'
import { guarded, toTidingsError } from '../database/sqlite-errors.ts'
import { createPrivate } from '../database/sqlite-files.ts'
import { checkService, readIdentity } from '../database/sqlite-schema.ts'
import { refuseDamaged } from './sqlite-check.ts'
import { existingStore, invalid, removeDatabase } from './store-files.ts'

/** How many pages are copied in one step. Other work can run between the steps. */
const pagesPerStep = 1_000

/**
 * Copies a store into one file, even while it is written.
 *
 * Throws `CONFIG_INVALID` if the file exists or there is no store, `CORRUPT_DATA` if the store is damaged, `STORE_UNAVAILABLE` if the file
 * cannot be written.
 */
export async function backupStore(directory: string, { service, toFile, onProgress }: BackupRequest): Promise<void> {
  if (existsSync(toFile)) throw invalid(`The file ${toFile} exists already.`, 'Name a file that does not exist yet.')
  const from = existingStore(directory, service)
  const partial = `${toFile}.partial`
  const source = openConnection(from, { durability: 'power-loss', readOnly: true, busyTimeoutMs: 1_000 })
  try {
    // The snapshot is held during the whole copy. Without it, each commit would make the copy begin again.
    source.exec('BEGIN')
    checkService(readIdentity(source, from), service, from)
    await copy(source, partial, onProgress)
    await checkCopy(partial, service)
    finish(partial)
    renameSync(partial, toFile)
    // The new name must be on the disk too. Windows has no such call for folders.
    if (platform() !== 'win32') syncFile(path.dirname(toFile))
  } catch (error) {
    removeDatabase(partial)
    throw toTidingsError(error, `back up the store of ${service}`, from)
  } finally {
    source.close()
  }
}

// A backup of a damaged store would replace a good one, and be found out when it is needed.
async function checkCopy(file: string, service: string): Promise<void> {
  const database = openConnection(file, { durability: 'power-loss', readOnly: true })
  try {
    await refuseDamaged(database, `The store of ${service}`)
  } finally {
    database.close()
  }
}

/** Copies a database in steps, and lets other work run between them. */
export async function copy(
  source: DatabaseSync,
  target: string,
  onProgress: ((progress: BackupProgress) => void) | undefined,
): Promise<void> {
  createPrivate(target)
  const pageBytes = Number(pragma(source, 'page_size'))
  await backup(source, target, {
    rate: pagesPerStep,
    progress: ({ totalPages, remainingPages }) =>
      onProgress?.({ bytesDone: (totalPages - remainingPages) * pageBytes, bytesTotal: totalPages * pageBytes }),
  })
}

/** Turns a copy into a single file, without a WAL that could be forgotten beside it, and flushes it to the disk. */
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
