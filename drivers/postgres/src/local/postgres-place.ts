// What a server's folder has: its data, its log, and a file that says where the data are and how to log in.
// Invariant: only its owner can read that file. A process that ends while it creates the data leaves nothing that counts as data.

import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { TidingsError } from 'tidings'
import { messageOfThrown } from 'tidings/errors'
import { type Account, closedFolder, giveTo } from './postgres-account.ts'
import { lastingFolder } from './postgres-open-folder.ts'

/** What is known of a server. */
export interface ServerState {
  /** The data of the server: in its folder, or elsewhere if the user of the server may not enter that. */
  readonly data: string
  readonly password: string
  /** The port that it had last. */
  readonly port?: number
  /** The settings that it was started with. */
  readonly settings: readonly string[]
  /** Whether it was asked to stop by a process that could not wait for it. */
  readonly isStopping?: boolean
}

/** Creates the folder of a server if there is none, and returns its real path. Throws `STORE_UNAVAILABLE`. */
export function ensureFolder(directory: string, account: Account | undefined): string {
  try {
    // Root's server runs as another user, who must get through to the data; they are closed to everyone else.
    const mode = account === undefined ? 0o700 : 0o711
    const made = mkdirSync(directory, { recursive: true, mode })
    if (made !== undefined) chmodSync(directory, mode)
    return realpathSync(directory)
  } catch (error) {
    throw new TidingsError('STORE_UNAVAILABLE', `The folder ${directory} cannot be used: ${messageOfThrown(error)}.`, {
      cause: error,
      details: { directory },
    })
  }
}

/** The file in which the server writes what it has to say. */
export const logFile = (folder: string): string => path.join(folder, 'server.log')

const stateFile = (folder: string): string => path.join(folder, 'server.json')

/** Whether a folder has had a server. */
export const hasState = (folder: string): boolean => existsSync(stateFile(folder))

/** What is known of the server of a folder. A new one gets a password, and a place for its data. Call it during a turn. */
export function stateOf(folder: string, account: Account | undefined): ServerState {
  if (hasState(folder)) return JSON.parse(readFileSync(stateFile(folder), 'utf8'))
  const state = { data: placeOfData(folder, account), password: randomBytes(24).toString('base64url'), settings: [] }
  writeState(folder, state)
  return state
}

function placeOfData(folder: string, account: Account | undefined): string {
  if (closedFolder(account, folder) === undefined) return path.join(folder, 'data')
  const elsewhere = mkdtempSync(path.join(lastingFolder(account), 'tidings-postgres-'))
  chmodSync(elsewhere, 0o711)
  writeFileSync(path.join(elsewhere, 'belongs-to.txt'), `${folder}\n`)
  return path.join(elsewhere, 'data')
}

/** Notes what is known of a server. */
export function writeState(folder: string, state: ServerState): void {
  const part = `${stateFile(folder)}.part`
  writeFileSync(part, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(part, stateFile(folder))
}

/** Creates the data of a server unless they exist. `fill` fills an empty folder, with the password in a file. */
export async function ensureData(
  { data, password }: ServerState,
  account: Account | undefined,
  fill: (folder: string, passwordFile: string) => Promise<void>,
): Promise<void> {
  if (existsSync(data)) return
  removeParts(data)
  const part = `${data}.part-${randomBytes(4).toString('hex')}`
  const passwordFile = `${part}.password`
  mkdirSync(part, { mode: 0o700 })
  giveTo(account, part)
  writeFileSync(passwordFile, password, { mode: 0o600 })
  try {
    giveTo(account, passwordFile)
    await fill(part, passwordFile)
    renameSync(part, data)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/** Removes what a process has left that was killed while it created the data. */
function removeParts(data: string): void {
  const parent = path.dirname(data)
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(`${path.basename(data)}.part-`)) continue
    try {
      rmSync(path.join(parent, name), { recursive: true, force: true })
    } catch {
      // The program that fills it is still at it; it is removed another time.
    }
  }
}

/** Removes the data of a server that has stopped, wherever they are, and its folder. */
export function removePlace(folder: string, { data }: Pick<ServerState, 'data'>): void {
  const elsewhere = path.dirname(data)
  if (elsewhere !== folder && existsSync(path.join(elsewhere, 'belongs-to.txt')))
    rmSync(elsewhere, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
}
