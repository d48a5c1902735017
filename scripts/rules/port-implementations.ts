// The files that implement the ports for time, randomness, processes and output, or that stand at the very edge.
// Everything else in the core and in the drivers gets those passed in. An entry that no longer matches is an error.

/** A use of the outside world that one file may make, and why. */
export interface Allowance {
  readonly path: string
  readonly uses: readonly string[]
  readonly because: string
}

/** Every allowance of the repository. */
export const portImplementations: readonly Allowance[] = [
  {
    path: 'drivers/sqlite/src/database/sqlite-lock.ts',
    uses: ['process.pid'],
    because: 'the lock of a store names the process that holds it',
  },
  {
    path: 'drivers/sqlite/src/wal-checkpoints/sqlite-checkpointer-worker.ts',
    uses: ['setTimeout', 'clearTimeout'],
    because: 'a thread of its own has no timeouts, and what it does is no part of what can be observed',
  },
]
