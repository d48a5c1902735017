// Where the systems of a user run: a note in the folder of temporary files for each process that has a run file, so that whoever looks into the
// wrong data folder is told the right one. Invariant: a note is a hint without a secret, only its owner can write it, and none is needed.

import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isAlive, type RunFile } from './run-file.ts'

/** Where a process runs. */
export interface RunPlace {
  /** The data folder. */
  readonly data: string
  readonly pid: number
  /** The names of the services in the process. */
  readonly services: readonly string[]
  /** The file of its configuration; left out if it comes from none. */
  readonly config?: string
}

/** Notes where a process runs, and removes the notes of processes that have ended. */
export function noteRunPlace(directory: string, { name, pid, services, config }: RunFile): void {
  const folder = ownFolder()
  if (folder === undefined) return
  readRunPlaces()
  const place: RunPlace = { data: path.resolve(directory), pid, services, ...(config === undefined ? {} : { config }) }
  const file = fileOf(folder, directory, name)
  attempt(() => {
    writeFileSync(`${file}.${pid}`, JSON.stringify(place), { mode: 0o600 })
    renameSync(`${file}.${pid}`, file)
  })
}

/** Removes the note of a process. */
export function forgetRunPlace(directory: string, { name, pid }: RunFile): void {
  const folder = ownFolder()
  if (folder === undefined) return
  const file = fileOf(folder, directory, name)
  if (attempt(() => read(file))?.pid === pid) attempt(() => rmSync(file, { force: true }))
}

/** Where processes of this user run now. */
export function readRunPlaces(): readonly RunPlace[] {
  const folder = ownFolder()
  const names = folder === undefined ? [] : (attempt(() => readdirSync(folder)) ?? [])
  const found: RunPlace[] = []
  for (const name of names) {
    if (!name.endsWith('.json')) continue
    const file = path.join(folder ?? '', name)
    const place = attempt(() => read(file))
    if (place !== undefined && isAlive(place.pid)) found.push(place)
    else attempt(() => rmSync(file, { force: true }))
  }
  return found
}

function read(file: string): RunPlace | undefined {
  const place = JSON.parse(readFileSync(file, 'utf8')) as RunPlace
  return typeof place.data === 'string' && Number.isSafeInteger(place.pid) && Array.isArray(place.services)
    ? place
    : undefined
}

function fileOf(folder: string, directory: string, name: string): string {
  const key = `${path.resolve(directory)}\n${name}`
  return path.join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`)
}

// A folder that others can use, or that somebody else created, is not used.
function ownFolder(): string | undefined {
  return attempt(() => {
    const folder = path.join(tmpdir(), `tidings-${process.getuid?.() ?? 'runs'}`, 'runs')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const found = lstatSync(path.dirname(folder))
    const mine = process.getuid === undefined || found.uid === process.getuid()
    return found.isDirectory() && mine && (process.getuid === undefined || (found.mode & 0o077) === 0)
      ? folder
      : undefined
  })
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
