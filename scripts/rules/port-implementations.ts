// The files of the core, the HTTP API and the drivers that may use time, randomness, timers, the process or output directly, because they
// implement a port or have no access to one. In all other files these are passed in. An entry that is no longer needed is an error.

/** What one file may use directly, and why. */
export interface Allowance {
  readonly path: string
  readonly uses: readonly string[]
  readonly because: string
}

/** Every allowance of the repository. */
export const portImplementations: readonly Allowance[] = [
  {
    path: 'drivers/postgres/src/local/local-postgres.ts',
    uses: ['process.once', 'process.off'],
    because: 'a server is started before there is an engine and its ports, and is asked to stop when the process ends',
  },
  {
    path: 'drivers/postgres/src/local/postgres-account.ts',
    uses: ['process.getuid'],
    because: 'the server of root runs as another user',
  },
  {
    path: 'drivers/postgres/src/local/postgres-binaries.ts',
    uses: ['process.platform', 'process.arch', 'process.cwd'],
    because: 'the programs of a local server are those for this platform',
  },
  {
    path: 'drivers/postgres/src/local/postgres-folder-locks.ts',
    uses: ['node:timers/promises'],
    because: 'a server is started before there is an engine and its ports',
  },
  {
    path: 'drivers/postgres/src/local/postgres-place.ts',
    uses: ['randomBytes'],
    because: 'the password of a local server is random, and there is no engine yet',
  },
  {
    path: 'drivers/postgres/src/local/postgres-server.ts',
    uses: ['process.env', 'process.kill', 'process.platform', 'node:timers/promises'],
    because: 'a local server is a process, which is awaited',
  },
  {
    path: 'drivers/postgres/src/local/postgres-temporary-folder.ts',
    uses: ['process.getuid'],
    because: 'only what belongs to the user of the process is removed',
  },
  {
    path: 'drivers/postgres/src/local/test-postgres.ts',
    uses: ['process.env'],
    because: 'where the server for tests is',
  },
  {
    path: 'drivers/sqlite/src/backup/sqlite-check.ts',
    uses: ['setImmediate'],
    because: 'backups are made without an engine and its ports, and other work must run while a whole store is read',
  },
  {
    path: 'drivers/sqlite/src/broker/sqlite-wake-up-links.ts',
    uses: ['process.pid', 'process.kill'],
    because:
      'a socket is named after the process that listens on it, so that what a killed process left behind is known',
  },
  {
    path: 'drivers/sqlite/src/database/sqlite-lock.ts',
    uses: ['process.pid'],
    because: 'the lock of a store names the process that holds it',
  },
  {
    path: 'drivers/sqlite/src/database/sqlite-permissions.ts',
    uses: ['process.getuid'],
    because: 'a file that may not be used is named with its owner and the user of the process',
  },
  {
    path: 'drivers/sqlite/src/wal-checkpoints/sqlite-wal-checkpointer-worker.ts',
    uses: ['setTimeout', 'clearTimeout'],
    because: 'a worker thread has no access to the port for timeouts, and its work has no observable effect',
  },
]
