// The engine's side of the checkpointing thread: starts the thread when there is something to do, tells it which files were
// written, and logs a warning when a WAL grows. Invariant: the thread never keeps the process alive, and has ended after `close`.
// If it cannot run, commits checkpoint by themselves, less often and with longer pauses, and a warning is logged.

import { Worker } from 'node:worker_threads'
import type { LogSink } from 'tidings/ports'
import type { Durability } from '../database/sqlite-connection.ts'
import type { CheckpointerData, CheckpointerNews, CheckpointerRequest } from './sqlite-wal-checkpointer-worker.ts'

/** The most stores of one engine. */
const slotCountMax = 4_096

/** A file's first commits are not checkpointed: its WAL is still small, and a thread takes a tenth of a second to start and to end. */
const quietCommits = 50

/** What the checkpointer needs. */
export interface CheckpointerOptions {
  readonly durability: Durability
  /** The longest time from a commit to the checkpoint after it, in milliseconds. */
  readonly intervalMs: number
  /** If a WAL has more than this many bytes, a warning is logged. */
  readonly walBytesMax: number
  readonly log: LogSink
  readonly now: () => number
}

/** A file that is checkpointed. */
export interface CheckpointedFile {
  /** Says that something was committed. */
  written(): void
  /** Ends the thread's connection to the file. */
  close(): Promise<void>
}

/** Checkpoints files in a thread of their own. */
export interface Checkpointer {
  open(path: string, service: string): CheckpointedFile
  close(): Promise<void>
}

interface Slot {
  readonly path: string
  readonly service: string
  warned: boolean
  closed: () => void
}

/** Makes a checkpointer. Its thread starts when a file has had enough commits. */
export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { durability, intervalMs, walBytesMax, log, now } = options
  const written = new Int32Array(new SharedArrayBuffer(slotCountMax * Int32Array.BYTES_PER_ELEMENT))
  const slots = new Map<number, Slot>()
  let worker: Worker | undefined
  let failed = false
  let waiting = 0

  function start(): Worker {
    const workerData: CheckpointerData = { written, intervalMs }
    const started = new Worker(new URL('./sqlite-wal-checkpointer-worker.ts', import.meta.url), { workerData })
    started.on('message', receive)
    started.on('error', (error) => fail(error instanceof Error ? error.message : String(error)))
    started.unref()
    return started
  }

  function receive(news: CheckpointerNews): void {
    const slot = slots.get(news.slot)
    if (slot === undefined) return
    if (news.kind === 'closed') slot.closed()
    else if (news.kind === 'failed')
      warn(slot.service, 'A checkpoint failed; it is tried again.', { reason: news.message })
    else if (news.walBytes <= walBytesMax) slot.warned = false
    else if (!slot.warned) {
      slot.warned = true
      warn(slot.service, 'The WAL of the store grows: a reader holds it back.', {
        path: slot.path,
        walBytes: news.walBytes,
        walBytesMax,
      })
    }
  }

  function fail(message: string): void {
    failed = true
    warn(undefined, 'The checkpointing thread ended; commits checkpoint by themselves.', { reason: message })
    for (const slot of slots.values()) slot.closed()
  }

  function warn(service: string | undefined, message: string, fields: Readonly<Record<string, unknown>>): void {
    log({ level: 'warn', time: now(), service, message, fields })
  }

  function send(request: CheckpointerRequest): void {
    if (!failed) worker?.postMessage(request)
  }

  function begin(number: number, path: string): void {
    worker ??= start()
    send({ kind: 'open', slot: number, path, durability })
  }

  async function end(number: number, slot: Slot): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      slot.closed = resolve
    })
    send({ kind: 'close', slot: number })
    // While a caller waits for the answer, the thread may keep the process alive.
    waiting += 1
    worker?.ref()
    if (!failed) await closed
    waiting -= 1
    if (waiting === 0) worker?.unref()
  }

  return {
    open: (path, service) => {
      const number = freeSlot(slots)
      const slot: Slot = { path, service, warned: false, closed: () => undefined }
      slots.set(number, slot)
      let commits = 0
      return {
        written: () => {
          commits += 1
          if (commits < quietCommits) return
          if (commits === quietCommits) begin(number, path)
          if (Atomics.exchange(written, number, 1) === 0) send({ kind: 'written', slot: number })
        },
        close: async () => {
          if (commits >= quietCommits) await end(number, slot)
          slots.delete(number)
          Atomics.store(written, number, 0)
        },
      }
    },
    close: async () => {
      await worker?.terminate()
    },
  }
}

function freeSlot(slots: ReadonlyMap<number, unknown>): number {
  let number = 0
  while (slots.has(number)) number += 1
  return number
}
