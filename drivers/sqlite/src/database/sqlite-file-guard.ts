// Notices that a file that is open was removed, moved or replaced. SQLite goes on writing to such a file, and what it writes is lost.
// Invariant: a file is known by its device and inode, which stay for as long as it is open.

import { type Stats, statSync } from 'node:fs'
import path from 'node:path'
import { TidingsError } from 'tidings'
import type { Clock } from 'tidings/ports'
import type { StoreFiles } from './sqlite-files.ts'
import { errorCode } from './sqlite-permissions.ts'

/** Watches over the files of a store that is open for writing. */
export interface FileGuard {
  /** Throws `STORE_UNAVAILABLE`, which names the file, if one of them is no longer in its place. */
  check(): void
}

/**
 * Remembers the files of a store as they are now: the database, its write-ahead log if there is one, and the lock.
 *
 * A look at the folder usually suffices: its status changes with each file in it that comes, goes or gets another name. A look at the log itself
 * after each commit would cost a third of all durable commits: since Linux 6.13, a file whose times were asked for gets new ones with the next write, and
 * then `fsync` has to write them too.
 */
export function guardFiles(service: string, files: StoreFiles, clock: Pick<Clock, 'monotonicMs'>): FileGuard {
  const folder = path.dirname(files.database)
  const watched = [files.database, `${files.database}-wal`, files.lock].map((file) => ({
    file,
    found: statusOf(file),
  }))
  let seen: Stats | undefined
  let seenSince = 0
  let settled = false

  function checkEach(): void {
    for (const each of watched) {
      const now = statusOf(each.file)
      // The write-ahead log is created by the first write.
      each.found ??= now
      if (!isSame(now, each.found)) throw vanished(service, each.file, now !== undefined)
    }
  }

  return {
    check: () => {
      const now = statusOf(folder)
      const unchanged = isSame(now, seen) && now?.ctimeMs === seen?.ctimeMs
      if (unchanged && settled) return
      settled = false
      checkEach()
      if (!unchanged) {
        seen = now
        seenSince = clock.monotonicMs()
      } else settled = clock.monotonicMs() - seenSince > timeStepMs
    },
  }
}

/** Two changes within this time may leave a folder with the same time: some systems count it in steps. */
const timeStepMs = 100

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one?.ino === other?.ino && one?.dev === other?.dev
}

function statusOf(file: string): Stats | undefined {
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
