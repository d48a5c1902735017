// Checkpoints by hand: a thread moves committed pages from the WAL into the database, so that no commit waits for that. It does so some time
// after a commit, and starts once a database has had enough of them. Invariant: without commits, the thread sleeps.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Durability } from '../work.ts'

/** What the thread is started with. */
export interface CheckpointerData {
  readonly path: string
  readonly durability: Durability
  /** One number, of `states`. */
  readonly state: Int32Array
}

/** What the number says. */
export const states = { idle: 0, written: 1, closing: 2 } as const

/** The thread starts after so many commits: a database that is hardly written needs none. */
const quietCommits = 50

/** A database's checkpoints. */
export interface Checkpointer {
  /** Says that something was committed. */
  written(): void
  /** Ends the thread. */
  close(): void
  /** Resolves when the thread has let go of the file. */
  ended(): Promise<void>
}

/** Checkpoints a database file. */
export function openCheckpointer(path: string, durability: Durability): Checkpointer {
  const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  let worker: Worker | undefined
  let ended = Promise.resolve()
  let commits = 0
  return {
    written: () => {
      commits += 1
      if (commits < quietCommits) return
      if (worker === undefined) {
        const workerData: CheckpointerData = { path, durability, state }
        worker = new Worker(new URL('checkpointer-thread.ts', import.meta.url), { workerData })
        worker.unref()
        ended = once(worker, 'exit').then(() => {})
      }
      if (Atomics.compareExchange(state, 0, states.idle, states.written) === states.idle) Atomics.notify(state, 0)
    },
    close: () => {
      Atomics.store(state, 0, states.closing)
      Atomics.notify(state, 0)
    },
    ended: () => ended,
  }
}
