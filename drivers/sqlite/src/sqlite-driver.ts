// The driver: one directory, one file for each service, one writer for each file.

import { TidingsError } from 'tidings'
import type { Driver, DriverEnvironment, Engine, LogSink } from 'tidings/ports'
import { openBroker } from './broker/sqlite-broker.ts'
import { createCheckpointer } from './wal-checkpoints/sqlite-checkpointer.ts'
import { checkSqliteVersion, type Durability, sqliteVersion } from './database/sqlite-connection.ts'
import { ensureDirectory, filesOf } from './database/sqlite-files.ts'
import { openStore, type SqliteStore } from './store/sqlite-store.ts'
import { createWakeHub } from './broker/sqlite-wake-ups.ts'

/** How the embedded engine works. */
export interface SqliteDriverOptions {
  /** Where the databases live; made, for its owner only, where there is none. */
  readonly directory: string
  /** What outlives what: `power-loss` flushes every commit to the disk, `process-crash` leaves that to the system. Default: `power-loss`. */
  readonly durability?: Durability
  /** The most units of work that share one transaction. Default: 256. */
  readonly groupUnitsMax?: number
  /** The most rows one SQL statement answers with. Default: 10,000. */
  readonly sqlRowCountMax?: number
  /** Memory for pages of each store, in bytes. Default: 33,554,432. */
  readonly cacheBytes?: number
  /** The size of a write-ahead log that is worth a warning, in bytes. Default: 268,435,456. */
  readonly walBytesMax?: number
  /** The size of a write-ahead log, in pages of 4,096 bytes, at which a commit itself checkpoints. Default: 8,192. */
  readonly checkpointPages?: number
  /** From a commit to the checkpoint after it, in milliseconds. Default: 25. */
  readonly checkpointIntervalMs?: number
  /** Takes warnings, such as a write-ahead log that grows. Default: none. */
  readonly log?: LogSink
}

const durabilities: Readonly<Record<Durability, string>> = {
  'power-loss': 'power-loss: every commit is on the disk before it is acknowledged (synchronous=FULL)',
  'process-crash': 'process-crash: a power cut may take back the last commits, whole ones only (synchronous=NORMAL)',
}

/**
 * The embedded engine: store and broker on Node's own SQLite, without anything to install.
 *
 * @example
 * ```ts
 * const driver = sqliteDriver({ directory: '.tidings', durability: 'power-loss' })
 * ```
 */
export function sqliteDriver(options: SqliteDriverOptions): Driver {
  return {
    name: 'sqlite',
    open: async (environment) => {
      checkSqliteVersion(sqliteVersion())
      return openEngine(options, environment)
    },
  }
}

function openEngine(options: SqliteDriverOptions, environment: DriverEnvironment): Engine {
  const { durability = 'power-loss', log = () => undefined } = options
  if (durabilities[durability] === undefined) {
    throw new TidingsError(
      'CONFIG_INVALID',
      `durability is 'power-loss' or 'process-crash', not ${JSON.stringify(durability)}.`,
    )
  }
  const directory = ensureDirectory(options.directory)
  const stores = new Map<string, SqliteStore>()
  const hub = createWakeHub({ directory, clock: environment.clock, scheduler: environment.scheduler })
  const broker = openBroker({ directory, durability, stores, hub })
  const checkpointer = createCheckpointer({
    durability,
    intervalMs: options.checkpointIntervalMs ?? 25,
    walBytesMax: options.walBytesMax ?? 256 * 1024 * 1024,
    log,
    now: () => environment.clock.now(),
  })
  let closing: Promise<void> | undefined

  async function end(): Promise<void> {
    await broker.close()
    await Promise.all([...stores.values()].map((store) => store.close()))
    await checkpointer.close()
  }

  return {
    durability: durabilities[durability],
    broker,
    openStore: async (service) => {
      if (closing !== undefined) throw new TidingsError('CLOSED', 'The engine was closed.')
      const store = openStore({
        service,
        files: filesOf(directory, service),
        durability,
        cacheBytes: options.cacheBytes ?? 32 * 1024 * 1024,
        checkpointPages: options.checkpointPages ?? 8_192,
        groupUnitsMax: options.groupUnitsMax ?? 256,
        sqlRowCountMax: options.sqlRowCountMax ?? 10_000,
        environment,
        checkpointer,
        hub,
        closed: () => stores.delete(service),
      })
      stores.set(service, store)
      return store
    },
    close: () => {
      closing ??= end()
      return closing
    },
  }
}
