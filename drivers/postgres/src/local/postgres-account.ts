// The user that a local server runs as. Postgres refuses to run as root, so root starts it as the user `nobody`.
// Invariant: files of the server belong to this user, and it may enter every folder above them.

import { chownSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A user other than the one of this process. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** What Linux and macOS give `nobody` if the list of users cannot be read. */
const usualNobody: Account = { uid: 65_534, gid: 65_534 }

/** The user of local servers; `undefined` for the user of this process. */
export function serverAccount(uid: number = process.getuid?.() ?? -1): Account | undefined {
  return uid === 0 ? nobodyIn(readUsers()) : undefined
}

function readUsers(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch {
    return ''
  }
}

/** The user `nobody` of a list of users in the format of `/etc/passwd`. macOS gives it the id -2. */
export function nobodyIn(users: string): Account {
  const fields = users
    .split('\n')
    .find((line) => line.startsWith('nobody:'))
    ?.split(':')
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])].map((id) => (id < 0 ? id + 2 ** 32 : id))
  return uid && gid ? { uid, gid } : usualNobody
}

/** Makes a file or folder belong to the user of the server. */
export function giveTo(account: Account | undefined, path: string): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid)
}

/** The first folder on the way to an existing path that the user of the server may not enter; `undefined` if there is none. */
export function closedFolder(account: Account | undefined, path: string): string | undefined {
  if (account === undefined) return undefined
  const closed: string[] = []
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    if (!mayEnter(account, folder)) closed.push(folder)
    if (folder === dirname(folder)) return closed.at(-1)
  }
}

function mayEnter(account: Account, folder: string): boolean {
  const { mode, uid, gid } = statSync(folder)
  if (uid === account.uid) return (mode & 0o100) !== 0
  if (gid === account.gid) return (mode & 0o010) !== 0
  return (mode & 0o001) !== 0
}
