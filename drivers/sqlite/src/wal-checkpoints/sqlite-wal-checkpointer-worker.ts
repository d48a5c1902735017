// The thread that moves committed pages from the WALs into the databases, so that no commit has to wait for that.
// Invariant: all checkpoints are passive, which never block a writer or a reader. Nothing runs while there are no commits.

import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { type Durability, openConnection, pragma, prepare, type Statement } from '../database/sqlite-connection.ts'

/** What the thread is started with. */
export interface CheckpointerData {
  /** One number for each file: 1 from the first commit after a checkpoint until the next checkpoint begins. */
  readonly written: Int32Array
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
  /** Opened by the first checkpoint or, if that fails, by a later one. */
  connection: Connection | undefined
  timer: NodeJS.Timeout | undefined
}

interface Connection {
  readonly database: DatabaseSync
  readonly checkpoint: Statement
  readonly pageBytes: number
}

/** How long to wait for a lock when a file is opened, in milliseconds. A passive checkpoint waits for no lock. */
const busyTimeoutMs = 1_000

/** The longest pause between two checkpoints while a reader holds pages back, in milliseconds. */
const pauseMsMax = 1_000

const { written, intervalMs } = workerData as CheckpointerData
const files = new Map<number, KnownFile>()

function report(news: CheckpointerNews): void {
  parentPort?.postMessage(news)
}

function runSoon(slot: number, file: KnownFile, delayMs: number): void {
  file.timer ??= setTimeout(() => {
    file.timer = undefined
    run(slot, file, delayMs)
  }, delayMs)
}

function run(slot: number, file: KnownFile, pauseMs: number): void {
  Atomics.store(written, slot, 0)
  attempt(slot, () => {
    file.connection ??= connect(file)
    const { checkpoint, pageBytes } = file.connection
    const row = checkpoint.get() ?? []
    const [frames, moved] = [Number(row[1]), Number(row[2])]
    report({ kind: 'wal', slot, walBytes: frames * pageBytes })
    if (moved < frames && Atomics.load(written, slot) === 0) runSoon(slot, file, Math.min(pauseMs * 2, pauseMsMax))
  })
}

/** A failure is reported, and the next commit tries again. */
function attempt(slot: number, what: () => void): void {
  try {
    what()
  } catch (error) {
    report({ kind: 'failed', slot, message: error instanceof Error ? error.message : String(error) })
  }
}

function connect({ path, durability }: KnownFile): Connection {
  const database = openConnection(path, { durability, busyTimeoutMs, mustExist: true })
  const checkpoint = prepare(database, 'PRAGMA wal_checkpoint(PASSIVE)')
  return { database, checkpoint, pageBytes: Number(pragma(database, 'page_size')) }
}

function close(slot: number): void {
  const file = files.get(slot)
  clearTimeout(file?.timer)
  file?.connection?.database.close()
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
  else if (file !== undefined) runSoon(slot, file, intervalMs)
}

parentPort?.on('message', (request: CheckpointerRequest) => attempt(request.slot, () => answer(request)))
