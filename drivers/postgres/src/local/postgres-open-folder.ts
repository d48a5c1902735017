// A folder for things that the user of the server must reach when it may not enter the folder they belong to.
// Invariant: what is created in it has an owner that is checked, because other users may write there too.

import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { TidingsError } from 'tidings'
import { type Account, closedFolder } from './postgres-account.ts'

/** A folder for temporary files that the user of the server may enter. Throws `CONFIG_INVALID` if there is none. */
export function openFolder(account: Account | undefined): string {
  return firstOpen(account, [tmpdir(), '/tmp', '/var/tmp'])
}

/** A folder for files that stay when the machine starts again, and that the user of the server may enter. */
export function lastingFolder(account: Account | undefined): string {
  return firstOpen(account, ['/var/lib', '/var/tmp'])
}

function firstOpen(account: Account | undefined, folders: readonly string[]): string {
  const open = folders.find((folder) => isUsable(account, folder))
  if (open !== undefined) return open
  throw new TidingsError(
    'CONFIG_INVALID',
    `None of the folders ${folders.join(', ')} can be used by the user of the server.`,
    {
      hint: 'Give `localPostgres` a directory that every user may enter, or start it as another user than root.',
    },
  )
}

function isUsable(account: Account | undefined, folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return closedFolder(account, folder) === undefined
  } catch {
    return false
  }
}
