// What backing up, restoring and checking have in common: the file of a store that must exist, the error of a request that names the wrong
// one, and the removal of a copy that is not finished.

import { rmSync, statSync } from 'node:fs'
import { TidingsError } from 'tidings'
import { guarded } from '../database/sqlite-errors.ts'
import { filesOf } from '../database/sqlite-files.ts'

/** The file of a service's store. Throws `CONFIG_INVALID` if there is none, `STORE_UNAVAILABLE` if nobody can say. */
export function existingStore(directory: string, service: string): string {
  const { database } = filesOf(directory, service)
  const found = guarded(
    `look for the store of ${service}`,
    () => statSync(database, { throwIfNoEntry: false }),
    database,
  )
  if (found !== undefined) return database
  throw invalid(`There is no store of ${service} in ${directory}.`, 'Check the service and the directory.')
}

/** A request that names the wrong file or service. */
export function invalid(message: string, hint: string): TidingsError {
  return new TidingsError('CONFIG_INVALID', message, { hint })
}

/** Removes a database with everything that SQLite keeps beside it. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true })
}
