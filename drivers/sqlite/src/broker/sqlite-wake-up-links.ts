// Where the writer of a store can be woken from: each store has a link to the socket of the process that writes it now.
// Best effort: nothing here throws except `wakeUpSocketPath`. Invariant: only the owner of the stores may enter the folder of the sockets.

import { createHash } from 'node:crypto'
import { accessSync, constants, lstatSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { platform, tmpdir } from 'node:os'
import path from 'node:path'

/** Windows has named pipes, which cannot be linked: there, each store has a pipe of its own. */
export const hasLinks = platform() !== 'win32'

/** Where readers of a store connect. The path is short, because some systems allow only 103 bytes for a socket's path. */
export function wakeUpSocketPath(directory: string, service: string): string {
  const name = createHash('sha256').update(path.join(directory, service)).digest('hex').slice(0, 32)
  if (!hasLinks) return `\\\\.\\pipe\\tidings-${name}`
  // The name contains the owner of the directory, not of the process: both sides know that, even in a container whose user has no name.
  const owner = statSync(directory, { throwIfNoEntry: false })?.uid ?? 0
  return path.join(tmpdir(), `tidings-${owner}`, `${name}.sock`)
}

let socketCount = 0

/** A new path for a socket of this process, in the folder of the links. */
export function ownSocketPath(folder: string): string {
  socketCount += 1
  const file = path.join(folder, `${process.pid}-${socketCount}.sock`)
  // A killed process may have had the same number.
  rmSync(file, { force: true })
  return file
}

/** Creates the folder of the sockets. Returns whether it can be used. */
export function prepareFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // A folder that we can use and others cannot is ours. A folder that someone else created is not used.
    const found = lstatSync(folder)
    if (!found.isDirectory() || (found.mode & 0o077) !== 0) return false
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Links a store to a socket. Call it only while you hold the store's lock: it removes what a killed process left behind. */
export function linkTo(socket: string, link: string): void {
  try {
    const before = targetOf(link)
    if (before !== undefined && !isAlive(Number.parseInt(before, 10)))
      rmSync(path.join(path.dirname(link), before), { force: true })
    rmSync(link, { force: true })
    symlinkSync(path.basename(socket), link)
  } catch {
    // Without wake-ups, readers find new events when they poll.
  }
}

/** Removes the link, if it still leads to this socket. */
export function unlink(socket: string, link: string): void {
  try {
    if (targetOf(link) === path.basename(socket)) rmSync(link, { force: true })
  } catch {
    // The next writer replaces it.
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    // There is none, or an earlier build had its socket there.
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
