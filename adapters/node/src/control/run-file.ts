// Run files: how a running process is found. `<data>/run/<name>.json` names its control endpoint and the token that opens it.
// Invariant: only the owner of the data may read one, and one whose process is gone counts as absent.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isLoopback } from '@tidings/http/host'

/** What a running process says about itself. */
export interface RunFile {
  /** A service's name where the process runs only that one, otherwise the system's name behind `all@` or `front@`. */
  readonly name: string
  readonly pid: number
  /** When it started, as an ISO time. */
  readonly startedAt: string
  /** The services that run in it. */
  readonly services: readonly string[]
  /** The URL of its HTTP API; `null` if none is open. Called `doors` in the file. */
  readonly http: string | null
  /** The URL of its control endpoint. */
  readonly control: string
  /** Opens the control endpoint. */
  readonly token: string
}

const folderOf = (directory: string) => path.join(directory, 'run')
const fileOf = (directory: string, name: string) => path.join(folderOf(directory), `${name}.json`)

/** Writes a run file as a whole, for its owner only. */
export function writeRunFile(directory: string, run: RunFile): void {
  mkdirSync(folderOf(directory), { recursive: true, mode: 0o700 })
  const file = fileOf(directory, run.name)
  const draft = `${file}.${run.pid}`
  rmSync(draft, { force: true })
  const { http: doors, ...rest } = run
  writeFileSync(draft, `${JSON.stringify({ ...rest, doors }, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, file)
}

/** Removes a run file that is still this process's own. */
export function removeRunFile(directory: string, run: RunFile): void {
  const file = fileOf(directory, run.name)
  if (read(file)?.token === run.token) rmSync(file, { force: true })
}

/** The run files of processes that are there, by name. What cannot be read, or is left over from a process that is gone, is left out. */
export function readRunFiles(directory: string): readonly RunFile[] {
  let names: readonly string[]
  try {
    names = readdirSync(folderOf(directory))
  } catch {
    return []
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => read(path.join(folderOf(directory), name)))
    .filter((run) => run !== undefined && isAlive(run.pid)) as readonly RunFile[]
}

function read(file: string): RunFile | undefined {
  try {
    const { doors, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Omit<RunFile, 'http'> & {
      doors: string | null
    }
    const run: RunFile = { ...rest, http: doors ?? null }
    const url = new URL(run.control)
    // A token is only ever sent to this machine, whatever the file says.
    const sound =
      typeof run.token === 'string' &&
      Number.isSafeInteger(run.pid) &&
      Array.isArray(run.services) &&
      url.protocol === 'http:' &&
      isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))
    return sound ? run : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
