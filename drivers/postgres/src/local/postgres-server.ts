// One server process: started, found again, stopped. It is a process group of its own, so Ctrl-C in a terminal reaches only the processes that
// use it. Invariant: a process is taken for the server of some data only if the data's own note says so and its command line names them.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TidingsError } from 'tidings'
import { messageOfThrown } from 'tidings/errors'
import type { Account } from './postgres-account.ts'

/** A server that runs. */
export interface ServerProcess {
  readonly pid: number
  readonly port: number
}

/** What a server is started with. */
export interface ServerSettings {
  readonly program: string
  readonly account: Account | undefined
  readonly data: string
  readonly log: string
  /** The port to try first. */
  readonly port?: number | undefined
  /** `name=value` of the server's configuration. */
  readonly settings: readonly string[]
}

const pollMs = 10
const startMsMax = 30_000
/** How long a start waits for the last processes of a server that was killed, in milliseconds. */
const remainsMsMax = 10_000
/** How long each way of stopping may take before the next one, in milliseconds. */
const stopMsMax = 15_000
const logBytesMax = 1_000_000
const linesShown = 5

/** The server that runs on some data, ready or about to be; `undefined` if none does. */
export function findServer(data: string): ServerProcess | undefined {
  const note = noteOf(data)
  return note !== undefined && isServerOf(note.pid, data) ? note : undefined
}

/** The server that runs on some data, once it is ready; `undefined` if none does, or if it ends. Call it during a turn. */
export async function whenReady(data: string): Promise<ServerProcess | undefined> {
  for (let waitedMs = 0; waitedMs < startMsMax; waitedMs += pollMs) {
    if (findServer(data) === undefined) return undefined
    const note = noteOf(data)
    if (note?.isReady) return note
    await pause(pollMs)
  }
  throw failed('start', data, `it was not ready within ${startMsMax / 1_000} s`, '')
}

/** Postgres' note in its data: https://www.postgresql.org/docs/18/storage-file-layout.html (`postmaster.pid`). */
function noteOf(data: string): (ServerProcess & { readonly isReady: boolean }) | undefined {
  const file = path.join(data, 'postmaster.pid')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return { pid, port, isReady: lines[7]?.trim() === 'ready' }
}

function isServerOf(pid: number, data: string): boolean {
  return commandLineOf(pid).includes(`-D ${data} -c`)
}

/** A process that has ended, or that is waiting for its parent to notice, has no command line. */
function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/** Starts the server. Throws `STORE_UNAVAILABLE` with the last lines of its log if it does not start. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  removeStaleNote(settings.data)
  let { port } = settings
  for (let waitedMs = 0; ; waitedMs += 10 * pollMs) {
    const from = prepareLog(settings.log)
    const ended = await tryStart(settings, await freePort(port))
    if ('pid' in ended) return ended
    const said = readFileSync(settings.log, 'utf8').slice(from)
    const isPassing = /shared memory block|Address already in use|lock file/.test(said)
    if (!isPassing || waitedMs >= remainsMsMax) throw failed('start', settings.data, ended.how, said)
    // Processes of a server that was killed end by themselves, and another program may have taken the port.
    port = undefined
    await pause(10 * pollMs)
  }
}

/** The note of a server that was killed, whose number another process has since been given, would keep every server away. */
function removeStaleNote(data: string): void {
  const note = noteOf(data)
  if (note !== undefined && !isServerOf(note.pid, data)) rmSync(path.join(data, 'postmaster.pid'), { force: true })
}

async function tryStart(settings: ServerSettings, port: number): Promise<ServerProcess | { readonly how: string }> {
  const { program, account, data, log } = settings
  const configured = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings.settings]
  const words = ['-D', data, ...configured.flatMap((each) => ['-c', each])]
  const child = run(program, words, account, log, true)
  child.unref()
  let how: string | undefined
  child.once('error', (error) => {
    how = messageOfThrown(error)
  })
  child.once('exit', (code, signal) => {
    how ??= `it ended with ${signal ?? code}`
  })
  for (let waitedMs = 0; waitedMs < startMsMax; waitedMs += pollMs) {
    if (how !== undefined) return { how }
    const note = noteOf(data)
    if (note?.isReady && note.pid === child.pid) return { pid: note.pid, port: note.port }
    await pause(pollMs)
  }
  child.kill('SIGKILL')
  return { how: `it was not ready within ${startMsMax / 1_000} s` }
}

function run(
  program: string,
  words: readonly string[],
  account: Account | undefined,
  log: string,
  detached: boolean,
): ChildProcess {
  const output = openSync(log, 'a', 0o600)
  try {
    const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
    return spawn(program, words, { ...account, cwd: '/', detached, env, stdio: ['ignore', output, output] })
  } finally {
    closeSync(output)
  }
}

/** Fills a folder with the data of a new server, whose superuser is `postgres`. Throws `STORE_UNAVAILABLE`. */
export async function createData(settings: Omit<ServerSettings, 'settings'>, passwordFile: string): Promise<void> {
  const { program, account, data, log } = settings
  const from = prepareLog(log)
  const access = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  const words = ['-D', data, ...access, '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions']
  const child = run(program, words, account, log, false)
  const how = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(messageOfThrown(error)))
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : `initdb ended with ${signal ?? code}`))
  })
  if (how !== undefined) throw failed('create', data, how, readFileSync(log, 'utf8').slice(from))
}

/** Makes room in the log if it has grown. Returns its length. */
function prepareLog(log: string): number {
  if (!existsSync(log)) return 0
  if (statSync(log).size > logBytesMax) truncateSync(log)
  return statSync(log).size
}

function failed(what: 'start' | 'create', data: string, how: string, said: string): TidingsError {
  const lines = said.trim().split('\n').slice(-linesShown).join('\n')
  const did = what === 'start' ? 'Postgres did not start on' : 'Postgres could not create'
  return new TidingsError('STORE_UNAVAILABLE', `${did} ${data}: ${how}.${lines === '' ? '' : `\n${lines}`}`, {
    details: { data },
    hint: 'Read what Postgres says, and correct it; or give the `url` of a running server to `postgresDriver`.',
  })
}

async function freePort(wanted: number | undefined): Promise<number> {
  const listening = createServer()
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      listening.once('error', reject)
      listening.listen(port, '127.0.0.1', () => {
        const address = listening.address()
        listening.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
      })
    })
  return listen(wanted ?? 0).catch(() => listen(0))
}

/** Asks the server of some data to end: it cuts its connections, and writes what it must. Does nothing if none runs. */
export function signalStop(data: string, signal: NodeJS.Signals = 'SIGINT'): ServerProcess | undefined {
  const server = findServer(data)
  try {
    if (server !== undefined) process.kill(server.pid, signal)
  } catch {
    // It has ended in between.
  }
  return server
}

/** Stops the server of some data, and waits until it has ended. By default, it is killed only if it does not end in any other way. */
export async function stopServer(
  data: string,
  signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGKILL'],
): Promise<void> {
  for (const signal of signals) {
    const server = signalStop(data, signal)
    if (server === undefined || (await hasEnded(server.pid, data))) return
  }
}

async function hasEnded(pid: number, data: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < stopMsMax; waitedMs += pollMs) {
    if (!isServerOf(pid, data)) return true
    await pause(pollMs)
  }
  return false
}
