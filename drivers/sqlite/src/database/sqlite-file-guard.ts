// Notices that a file that is open was removed, moved or replaced. SQLite goes on writing to such a file, and what it writes is lost.
// Invariant: a file is known by its device and inode, which stay for as long as it is open.

import { statSync } from 'node:fs'
import { TidingsError } from 'tidings'
import { errorCode, type StoreFiles } from './sqlite-files.ts'

/** Watches over the files of a store that is open for writing. */
export interface FileGuard {
  /** Throws `STORE_UNAVAILABLE`, which names the file, if one of them is no longer in its place. */
  check(): void
}

/** Remembers the files of a store as they are now: the database, its write-ahead log if there is one, and the lock. */
export function guardFiles(service: string, files: StoreFiles): FileGuard {
  const watched = [files.database, `${files.database}-wal`, files.lock].map((file) => ({
    file,
    found: identityOf(file),
  }))
  return {
    check: () => {
      for (const each of watched) {
        const now = identityOf(each.file)
        // The write-ahead log is created by the first write.
        each.found ??= now
        if (now?.ino !== each.found?.ino || now?.dev !== each.found?.dev)
          throw vanished(service, each.file, now !== undefined)
      }
    },
  }
}

function identityOf(file: string) {
  try {
    return statSync(file, { throwIfNoEntry: false })
  } catch (error) {
    // The folder cannot be looked into, so nobody can say that the file is there.
    if (errorCode(error) === undefined) throw error
    return undefined
  }
}

function vanished(service: string, file: string, replaced: boolean): TidingsError {
  const what = replaced ? 'was replaced by another file' : 'is no longer there'
  return new TidingsError('STORE_UNAVAILABLE', `${file} ${what} while the store of ${service} is open.`, {
    details: { service, file },
    hint: 'Put the file back in its place, or stop the service, restore a backup and start it again. Until then nothing is stored.',
  })
}
