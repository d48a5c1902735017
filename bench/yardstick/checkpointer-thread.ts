// The thread of the checkpoints. All of them are passive: they block neither the writer nor readers.

import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { type CheckpointerData, states } from './checkpointer.ts'

/** The time from a commit to the checkpoint after it, in milliseconds: as in the SQLite driver. */
const pauseMs = 25

const { path, durability, state } = workerData as CheckpointerData

try {
  work()
} catch (error) {
  // A database that is closed may be removed before this thread has opened it.
  if (Atomics.load(state, 0) !== states.closing) throw error
}

function work(): void {
  const sqlite = new DatabaseSync(path, { timeout: 1_000 })
  sqlite.exec(`PRAGMA synchronous = ${durability === 'power-loss' ? 'FULL' : 'NORMAL'}; PRAGMA wal_autocheckpoint = 0`)
  const checkpoint = sqlite.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  for (;;) {
    Atomics.wait(state, 0, states.idle)
    // Ends early when the database is closed.
    Atomics.wait(state, 0, states.written, pauseMs)
    if (Atomics.compareExchange(state, 0, states.written, states.idle) === states.closing) break
    checkpoint.get()
  }
  sqlite.close()
}
