// Restore of a stopped store. Invariant: a restored store has a new epoch and names the old one with the last position it
// kept, so that consumers who saw more than that stop loudly; and the last step is one transaction of SQLite.

import { existsSync, renameSync, rmSync } from 'node:fs'
import { isTidingsError, TidingsError } from 'tidings'
import { epochsAfterRestore, formatPosition, type Ids } from 'tidings/ports'
import { type BackupProgress, copy, invalid } from './sqlite-backup.ts'
import { openConnection, pragma, prepare } from '../database/sqlite-connection.ts'
import { toTidingsError } from '../database/sqlite-errors.ts'
import { createPrivate, ensureDirectory, filesOf } from '../database/sqlite-files.ts'
import { takeLock } from '../database/sqlite-lock.ts'
import { checkService, readIdentity, type StoreIdentity, writeMeta } from '../database/sqlite-schema.ts'

/** What to restore, and where from. */
export interface RestoreOptions {
  /** Where the databases live. */
  readonly directory: string
  /** Whose store. */
  readonly service: string
  /** A file that `backupStore` wrote. */
  readonly fromFile: string
  /** Gives the new epoch. */
  readonly ids: Ids
  /** Told again and again how far it is. Default: nobody. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/**
 * Puts a backup in a stopped store's place, under a new epoch.
 *
 * A crash on the way leaves the old store or the new one, whole. Throws `STORE_LOCKED` where the store is open, `CORRUPT_DATA` where the
 * file is damaged or the store of another service, `ENGINE_TOO_OLD` where a newer version wrote it.
 */
export async function restoreStore({ directory, service, fromFile, ids, onProgress }: RestoreOptions): Promise<void> {
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

/** A copy of the backup that is already what the store will be, so that the last step is one transaction. */
async function prepareRestore(
  fromFile: string,
  prepared: string,
  replaced: StoreIdentity | undefined,
  service: string,
  ids: Ids,
): Promise<void> {
  const source = openConnection(fromFile, { durability: 'power-loss', readOnly: true })
  try {
    checkService(readIdentity(source, fromFile), service, fromFile)
    await copy(source, prepared, undefined)
  } finally {
    source.close()
  }
  const database = openConnection(prepared, { durability: 'power-loss' })
  try {
    if (pragma(database, 'quick_check(1)') !== 'ok') throw new TidingsError('CORRUPT_DATA', `${fromFile} is damaged.`)
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

/** What the store that is replaced says of itself; nothing where it is missing, damaged, or no store. */
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

/** Writes the prepared database over the old one within a transaction of SQLite: readers in other processes see the one or the other. */
async function replace(prepared: string, target: string, onProgress: RestoreOptions['onProgress']): Promise<void> {
  if (existsSync(target) && !isReadable(target)) setAside(target)
  createPrivate(target)
  // A database that keeps a WAL already is overwritten through it; a new one becomes one.
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
    const mapped = toTidingsError(error, 'look')
    if (mapped instanceof TidingsError && mapped.code === 'CORRUPT_DATA') return false
    throw error
  }
}

/** Keeps a file that SQLite cannot read, beside the one that takes its place. */
function setAside(file: string): void {
  let number = 1
  while (existsSync(`${file}.damaged-${number}`)) number += 1
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${file}.damaged-${number}${suffix}`)
  }
}

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true })
}
