// Restores a stopped store. Invariant: a restored store has a new epoch, and names the old one with the last position that is still there.
// So if a consumer has read more than that, it stops with an error. The last step is one transaction of SQLite.

import { existsSync, renameSync } from 'node:fs'
import { isTidingsError, TidingsError } from 'tidings'
import { type BackupProgress, epochsAfterRestore, formatPosition, type Ids, type RestoreRequest } from 'tidings/ports'
import { openConnection, prepare } from '../database/sqlite-connection.ts'
import { toTidingsError } from '../database/sqlite-errors.ts'
import { createPrivate, ensureDirectory, filesOf } from '../database/sqlite-files.ts'
import { takeLock } from '../database/sqlite-lock.ts'
import { checkService, readIdentity, type StoreIdentity, writeMeta } from '../database/sqlite-schema.ts'
import { copy } from './sqlite-backup.ts'
import { refuseDamaged } from './sqlite-check.ts'
import { invalid, removeDatabase } from './store-files.ts'

/**
 * Puts a backup in the place of a stopped store, under a new epoch.
 *
 * A crash during the restore leaves either the old store or the new one. Throws `STORE_LOCKED` if the store is open, `CORRUPT_DATA` if
 * the file is damaged or the store of another service, `ENGINE_TOO_OLD` if a newer version wrote it.
 */
export async function restoreStore(
  directory: string,
  { service, fromFile, ids, onProgress }: RestoreRequest,
): Promise<void> {
  if (!existsSync(fromFile)) throw invalid(`There is no file ${fromFile}.`, 'Name a file that `tidings backup` wrote.')
  const { database: target, lock: lockFile } = filesOf(ensureDirectory(directory), service)
  const lock = takeLock(lockFile, service)
  const prepared = `${target}.restoring`
  try {
    removeDatabase(prepared)
    await prepareRestore(fromFile, prepared, identityOf(target), service, ids)
    await replace(prepared, target, onProgress)
  } catch (error) {
    throw toTidingsError(error, `restore the store of ${service}`)
  } finally {
    removeDatabase(prepared)
    lock.release()
  }
}

/** Copies the backup and makes the copy what the store will be, so that one transaction is enough for the last step. */
async function prepareRestore(
  fromFile: string,
  prepared: string,
  replaced: StoreIdentity | undefined,
  service: string,
  ids: Ids,
): Promise<void> {
  const source = openBackup(fromFile)
  try {
    checkService(identityOfBackup(source, fromFile), service, fromFile)
    await copy(source, prepared, undefined)
  } finally {
    source.close()
  }
  const database = openConnection(prepared, { durability: 'power-loss' })
  try {
    await refuseDamaged(database, fromFile)
    database.exec('BEGIN IMMEDIATE')
    const head = Number(prepare(database, 'SELECT coalesce(max(position), 0) FROM tidings_log').get()?.[0])
    const epochs = epochsAfterRestore(
      readIdentity(database, prepared),
      head === 0 ? '' : formatPosition(head),
      replaced,
    )
    database.exec('DELETE FROM tidings_epochs')
    const keep = prepare(database, 'INSERT INTO tidings_epochs (epoch, up_to) VALUES (?, ?)')
    for (const { epoch, upTo } of epochs) keep.run(epoch, Number(upTo))
    writeMeta(database, 'epoch', ids.next())
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}

function openBackup(fromFile: string): ReturnType<typeof openConnection> {
  try {
    return openConnection(fromFile, { durability: 'power-loss', readOnly: true })
  } catch (error) {
    throw noBackup(error, fromFile)
  }
}

function identityOfBackup(source: ReturnType<typeof openConnection>, fromFile: string): StoreIdentity {
  try {
    return readIdentity(source, fromFile)
  } catch (error) {
    throw noBackup(error, fromFile)
  }
}

// To restore a file that is no backup, from a backup, is no help.
function noBackup(error: unknown, fromFile: string): unknown {
  const mapped = toTidingsError(error, `open ${fromFile}`)
  if (!isTidingsError(mapped, 'CORRUPT_DATA')) return mapped
  return new TidingsError('CORRUPT_DATA', `${fromFile} is no backup of a store, or it is damaged: ${mapped.message}`, {
    hint: 'Name a file that `tidings backup` wrote.',
    cause: error,
  })
}

/** The identity of the store that is replaced. `undefined` if it is missing, damaged, or not a store. */
function identityOf(file: string): StoreIdentity | undefined {
  if (!existsSync(file) || !isReadable(file)) return undefined
  const database = openConnection(file, { durability: 'power-loss', readOnly: true })
  try {
    return readIdentity(database, file)
  } catch (error) {
    if (isTidingsError(error, 'CORRUPT_DATA')) return undefined
    throw error
  } finally {
    database.close()
  }
}

/** Writes the prepared database over the old one in one transaction of SQLite. Readers in other processes see either the old or the new one. */
async function replace(
  prepared: string,
  target: string,
  onProgress: ((progress: BackupProgress) => void) | undefined,
): Promise<void> {
  if (existsSync(target) && !isReadable(target)) setAside(target)
  createPrivate(target)
  // An existing database is overwritten through its WAL. A new one gets a WAL first.
  openConnection(target, { durability: 'power-loss' }).close()
  const source = openConnection(prepared, { durability: 'power-loss', readOnly: true })
  try {
    await copy(source, target, onProgress)
  } finally {
    source.close()
  }
}

function isReadable(file: string): boolean {
  try {
    const database = openConnection(file, { durability: 'power-loss' })
    database.close()
    return true
  } catch (error) {
    const mapped = toTidingsError(error, `open ${file}`)
    if (isTidingsError(mapped, 'CORRUPT_DATA')) return false
    throw error
  }
}

/** Renames a file that SQLite cannot read, so that it stays beside the new one. */
function setAside(file: string): void {
  let number = 1
  while (existsSync(`${file}.damaged-${number}`)) number += 1
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${file}.damaged-${number}${suffix}`)
  }
}
