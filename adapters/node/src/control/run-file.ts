// Run files, which lead to running processes: `<data>/run/<name>.json` has the URL and the token of a process's control endpoint.
// Invariant: only the owner of the data can read a run file, and one whose process has ended is ignored.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isLoopback } from '@tidings/http/host'

/** The run file of a process. */
export interface RunFile {
  /** The service's name if the process runs only that one; otherwise `all@` or `front@` and the system's name. Instances that share stores add theirs. */
  readonly name: string
  readonly pid: number
  /** When it started, as an ISO time. */
  readonly startedAt: string
  /** The names of the services in the process. */
  readonly services: readonly string[]
  /** The URL of its HTTP API; `null` if none is open. Called `doors` in the file. */
  readonly http: string | null
  /** The URL of its control endpoint. */
  readonly control: string
  /** The file of its configuration; left out if the configuration comes from no file, or an earlier build has written this. */
  readonly config?: string
  /** The token that the control endpoint needs. */
  readonly token: string
}

const folderOf = (directory: string) => path.join(directory, 'run')
const fileOf = (directory: string, name: string) => path.join(folderOf(directory), `${name}.json`)

/** Writes a run file atomically, readable only by its owner. */
export function writeRunFile(directory: string, run: RunFile): void {
  mkdirSync(folderOf(directory), { recursive: true, mode: 0o700 })
  const file = fileOf(directory, run.name)
  const draft = `${file}.${run.pid}`
  rmSync(draft, { force: true })
  const { http: doors, ...rest } = run
  writeFileSync(draft, `${JSON.stringify({ ...rest, doors }, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, file)
}

/** Removes a run file, unless another process has replaced it by its own. */
export function removeRunFile(directory: string, run: RunFile): void {
  const file = fileOf(directory, run.name)
  if (read(file)?.token === run.token) rmSync(file, { force: true })
}

/** The run files of running processes, sorted by name. Invalid ones, and those of ended processes, are left out. */
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
    // A token is sent only to this machine, whatever URL the file has.
    const isValid =
      typeof run.token === 'string' &&
      Number.isSafeInteger(run.pid) &&
      Array.isArray(run.services) &&
      url.protocol === 'http:' &&
      isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'))
    return isValid ? run : undefined
  } catch {
    return undefined
  }
}

/** Whether a process is running. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
