// The thread that moves committed pages from the WALs into the databases, so that no commit has to wait for that.
// Invariant: all checkpoints are passive, which never block a writer or a reader. Nothing runs while there are no commits.

import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { type Durability, openConnection, pragma, prepare, type Statement } from '../database/sqlite-connection.ts'

/** What the thread is started with. */
export interface CheckpointerData {
  /** One number for each file: 1 from the first commit after a checkpoint until the next checkpoint begins. */
  readonly written: Int32Array
  /** The longest time from a commit to the checkpoint after it. */
  readonly intervalMs: number
}

/** What the engine sends to the thread. */
export type CheckpointerRequest =
  | { readonly kind: 'open'; readonly slot: number; readonly path: string; readonly durability: Durability }
  | { readonly kind: 'written'; readonly slot: number }
  | { readonly kind: 'close'; readonly slot: number }

/** What the thread sends back. */
export type CheckpointerNews =
  | { readonly kind: 'closed'; readonly slot: number }
  | { readonly kind: 'wal'; readonly slot: number; readonly walBytes: number }
  | { readonly kind: 'failed'; readonly slot: number; readonly message: string }

interface KnownFile {
  readonly path: string
  readonly durability: Durability
  /** Opened to look at the WAL, and closed when the file is at rest. */
  connection: Connection | undefined
  timer: NodeJS.Timeout | undefined
}

interface Connection {
  readonly database: DatabaseSync
  /** Says how many pages the WAL has and how many of them were moved. */
  readonly look: Statement
  readonly checkpoint: Statement
  readonly pageBytes: number
}

/** How long to wait for a lock when a file is opened, in milliseconds. A passive checkpoint waits for no lock. */
const busyTimeoutMs = 1_000

/** If so many pages of a WAL wait, they are moved at once. A page that many commits write is then moved once for all of them. The number is SQLite's own. */
const pageCountSoon = 1_000

/** The bytes of a page of every store that this driver has created. */
const pageBytesMin = 4_096

/** The thread looks at a WAL this often between a commit and the time when it moves all that waits: first early, then twice as late each time. */
const lookCount = 9

/** The most files that the thread keeps open between two checkpoints. */
const openCountMax = 16

const { written, intervalMs } = workerData as CheckpointerData
const files = new Map<number, KnownFile>()
/** The files that the thread has open; the one that was used last comes last. */
const opened = new Set<KnownFile>()

function report(news: CheckpointerNews): void {
  parentPort?.postMessage(news)
}

/** Looks at the WAL after `delayMs`, and again and again until `intervalMs` after the first commit. */
function lookSoon(slot: number, file: KnownFile, delayMs = intervalMs / 2 ** lookCount, passedMs = 0): void {
  file.timer ??= setTimeout(() => {
    file.timer = undefined
    attempt(slot, () => {
      const passed = passedMs + delayMs
      if (passed >= intervalMs || waitsLong(file)) move(slot, file)
      else lookSoon(slot, file, Math.min(delayMs * 2, intervalMs - passed), passed)
    })
  }, delayMs)
}

/** Whether so much of a WAL waits that it is moved at once. */
function waitsLong(file: KnownFile): boolean {
  // A WAL that never had so many pages is not opened to look: with hundreds of stores, opening costs more than everything else here.
  const bytes = statSync(`${file.path}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (bytes < pageCountSoon * pageBytesMin) return false
  return (pagesOf(connectionOf(file).look)?.waiting ?? 0) >= pageCountSoon
}

/** The pages of a WAL, and how many of them wait; `undefined` if SQLite could not look, because someone else moves pages. */
function pagesOf(statement: Statement): { readonly all: number; readonly waiting: number } | undefined {
  const row = statement.get() ?? []
  const [all, moved] = [Number(row[1]), Number(row[2])]
  return all < 0 || moved < 0 ? undefined : { all, waiting: all - moved }
}

function move(slot: number, file: KnownFile): void {
  Atomics.store(written, slot, 0)
  const { checkpoint, pageBytes } = connectionOf(file)
  let isMoved = false
  // The second one moves what came during the first, so that the writer finds nothing waiting and begins the WAL anew.
  for (let pass = 0; pass < 2 && !isMoved; pass++) {
    const pages = pagesOf(checkpoint)
    if (pages !== undefined) report({ kind: 'wal', slot, walBytes: pages.all * pageBytes })
    isMoved = pages?.waiting === 0
  }
  if (Atomics.load(written, slot) !== 0) return
  // A reader holds back what still waits, or nothing more comes.
  file.timer ??= setTimeout(() => {
    file.timer = undefined
    attempt(slot, () => (isMoved ? rest(file) : move(slot, file)))
  }, intervalMs)
}

function connectionOf(file: KnownFile): Connection {
  opened.delete(file)
  opened.add(file)
  file.connection ??= connect(file)
  for (const other of opened) {
    if (opened.size <= openCountMax) break
    rest(other)
  }
  return file.connection
}

function rest(file: KnownFile): void {
  opened.delete(file)
  file.connection?.database.close()
  file.connection = undefined
}

/** A failure is reported, and the next commit tries again. */
function attempt(slot: number, what: () => void): void {
  try {
    what()
  } catch (error) {
    Atomics.store(written, slot, 0)
    report({ kind: 'failed', slot, message: error instanceof Error ? error.message : String(error) })
  }
}

function connect({ path, durability }: KnownFile): Connection {
  const database = openConnection(path, { durability, busyTimeoutMs, mustExist: true })
  const look = prepare(database, 'PRAGMA wal_checkpoint(NOOP)')
  const checkpoint = prepare(database, 'PRAGMA wal_checkpoint(PASSIVE)')
  return { database, look, checkpoint, pageBytes: Number(pragma(database, 'page_size')) }
}

function close(slot: number): void {
  const file = files.get(slot)
  clearTimeout(file?.timer)
  if (file !== undefined) rest(file)
  files.delete(slot)
  report({ kind: 'closed', slot })
}

function answer(request: CheckpointerRequest): void {
  const { slot } = request
  const file = files.get(slot)
  if (request.kind === 'open') {
    const { path, durability } = request
    files.set(slot, { path, durability, connection: undefined, timer: undefined })
  } else if (request.kind === 'close') close(slot)
  else if (file !== undefined) {
    clearTimeout(file.timer)
    file.timer = undefined
    lookSoon(slot, file)
  }
}

parentPort?.on('message', (request: CheckpointerRequest) => attempt(request.slot, () => answer(request)))
