// Gives the store of a service that was renamed its new name. Invariant: after a crash, the file has its old name or its new one, and the next
// call goes on. The file is renamed only when all of it is in the database and nothing in its write-ahead log.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { platform } from 'node:os'
import { TidingsError } from 'tidings'
import { inTransaction, openConnection, prepare } from '../database/sqlite-connection.ts'
import { guarded } from '../database/sqlite-errors.ts'
import { filesOf } from '../database/sqlite-files.ts'
import { takeLock } from '../database/sqlite-lock.ts'
import { checkService, readIdentity, writeMeta } from '../database/sqlite-schema.ts'

/** How long to wait for readers in other processes, in milliseconds. */
const busyTimeoutMs = 2_000

/** Renames the store of `was`, if there is one and none of `service`. Throws `STORE_LOCKED` if one of the two is open. */
export function renameStore(directory: string, was: string, service: string): void {
  const [from, to] = [filesOf(directory, was), filesOf(directory, service)]
  if (!existsSync(from.database) || existsSync(to.database)) return
  const locks = [takeLock(from.lock, was)]
  try {
    locks.push(takeLock(to.lock, service))
    guarded(`rename the store of ${was} to ${service}`, () => prepareRename(from.database, was, service))
    for (const suffix of ['-wal', '-shm']) rmSync(`${from.database}${suffix}`, { force: true })
    renameSync(from.database, to.database)
    syncDirectory(directory)
  } finally {
    for (const lock of locks) lock.release()
  }
  rmSync(from.lock, { force: true })
}

function prepareRename(path: string, was: string, service: string): void {
  const database = openConnection(path, { durability: 'power-loss', busyTimeoutMs, mustExist: true })
  try {
    const identity = readIdentity(database, path)
    // It has the new name already if an earlier call was interrupted.
    if (identity.service !== service) checkService(identity, was, path)
    inTransaction(database, () => writeMeta(database, 'service', service))
    const [busy] = prepare(database, 'PRAGMA wal_checkpoint(TRUNCATE)').get() ?? []
    if (busy !== 0)
      throw new TidingsError('STORE_UNAVAILABLE', `The store of ${was} is being read, so it could not be renamed.`)
  } finally {
    database.close()
  }
}

function syncDirectory(directory: string): void {
  if (platform() === 'win32') return
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
