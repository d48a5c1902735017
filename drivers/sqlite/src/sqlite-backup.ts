// Backup of a running store, restore of a stopped one. Invariant: a backup is one moment of the store, whoever writes
// meanwhile; a restored store has a new epoch and names the old one with the last position it kept, so that consumers who
// saw more than that stop loudly.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { platform } from 'node:os'
import path from 'node:path'
import { backup, type DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import type { Ids } from 'tidings/ports'
import { openConnection, pragma, prepare } from './sqlite-connection.ts'
import { guarded, toTidingsError } from './sqlite-errors.ts'
import { createPrivate, ensureDirectory, filesOf } from './sqlite-files.ts'
import { isLocked, takeLock } from './sqlite-lock.ts'
import { checkService, readIdentity, writeMeta } from './sqlite-schema.ts'

/** How far a backup or restore has come, in pages of the database. */
export interface BackupProgress {
  readonly pagesDone: number
  readonly pagesTotal: number
}

/** What to back up, and where to. */
export interface BackupOptions {
  /** Where the databases live. */
  readonly directory: string
  readonly service: string
  /** The file to write; must not exist. */
  readonly toFile: string
  /** Told again and again how far it is. Default: nobody. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/** What to restore, and where from. */
export interface RestoreOptions {
  /** Where the databases live. */
  readonly directory: string
  readonly service: string
  /** A file that `backupStore` wrote. */
  readonly fromFile: string
  /** Gives the new epoch. */
  readonly ids: Ids
  /** Told again and again how far it is. Default: nobody. */
  readonly onProgress?: (progress: BackupProgress) => void
}

/** Pages copied in one step; others work between the steps. */
const pagesPerStep = 1_000

/** Whether a process has the store of a service open for writing. */
export function isStoreOpen(directory: string, service: string): boolean {
  return isLocked(filesOf(directory, service).lock)
}

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
    await prepareRestore(fromFile, prepared, service, ids)
    await replace(prepared, target, onProgress)
  } catch (error) {
    throw toTidingsError(error, `restore the store of ${service}`)
  } finally {
    removeDatabase(prepared)
    lock.release()
  }
}

/** A copy of the backup that is already what the store will be, so that the last step is one transaction. */
async function prepareRestore(fromFile: string, prepared: string, service: string, ids: Ids): Promise<void> {
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
    const head =
      "SELECT value, (SELECT coalesce(max(position), 0) FROM tidings_log) FROM tidings_meta WHERE name = 'epoch'"
    prepare(database, `INSERT INTO tidings_epochs (epoch, up_to) ${head}`).run()
    writeMeta(database, 'epoch', ids.next())
    database.exec('COMMIT')
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

async function copy(source: DatabaseSync, target: string, onProgress: BackupOptions['onProgress']): Promise<void> {
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

function syncFile(file: string): void {
  const descriptor = openSync(file, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function invalid(message: string, hint: string): TidingsError {
  return new TidingsError('CONFIG_INVALID', message, { hint })
}
