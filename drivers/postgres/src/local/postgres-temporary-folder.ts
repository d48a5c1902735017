// Folders of servers that last as long as the processes that use them. Whoever creates one also clears away what killed processes have left.
// Invariant: a folder is removed only if it belongs to the user of this process, nobody uses its server, and the server has stopped.

import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Account } from './postgres-account.ts'
import { hasUsers, takeTurn, tryTurn } from './postgres-folder-locks.ts'
import { openFolder } from './postgres-open-folder.ts'
import { hasState, removePlace, stateOf } from './postgres-place.ts'
import { stopServer } from './postgres-server.ts'

const start = 'tidings-postgres-run-'

/** Creates a folder for a server that nobody else uses. */
export async function temporaryFolder(account: Account | undefined): Promise<string> {
  const parent = openFolder(account)
  for (const name of readdirSync(parent)) {
    if (name.startsWith(start)) await removeIfLeft(path.join(parent, name), account)
  }
  const folder = mkdtempSync(path.join(parent, start))
  if (account !== undefined) chmodSync(folder, 0o711)
  return folder
}

async function removeIfLeft(folder: string, account: Account | undefined): Promise<void> {
  try {
    if (lstatSync(folder).uid !== process.getuid?.()) return
    // A process that is creating a server has the turn; after its turn it is one of the users.
    if (!hasState(folder)) return
    const turn = tryTurn(folder)
    if (turn === undefined) return
    try {
      await removeUnused(folder, account)
    } finally {
      turn.release()
    }
  } catch {
    // Another process is removing it.
  }
}

/** Stops the server of a temporary folder, and removes the folder. Does nothing if a process uses the server. */
export async function removeTemporary(folder: string, account: Account | undefined): Promise<void> {
  if (!existsSync(folder)) return
  const turn = await takeTurn(folder)
  try {
    await removeUnused(folder, account)
  } finally {
    turn.release()
  }
}

async function removeUnused(folder: string, account: Account | undefined): Promise<void> {
  if (hasUsers(folder)) return
  const state = stateOf(folder, account)
  await stopServer(state.data)
  removePlace(folder, state)
}
