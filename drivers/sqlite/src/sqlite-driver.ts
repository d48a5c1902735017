// The driver: one directory, one file per service, one writer per file.

import path from 'node:path'
import { TidingsError } from 'tidings'
import { checkIsText, checkObject } from 'tidings/errors'
import type { Driver, Engine, Environment, LogSink, LongWork } from 'tidings/ports'
import { sqliteBackups } from './backup/sqlite-backups.ts'
import { openBroker } from './broker/sqlite-broker.ts'
import { createWakeUps } from './broker/sqlite-wake-ups.ts'
import { checkSqliteVersion, type Durability, sqliteVersion } from './database/sqlite-connection.ts'
import { guarded } from './database/sqlite-errors.ts'
import { ensureDirectory, filesOf, storedServices } from './database/sqlite-files.ts'
import { renameStore } from './store/sqlite-rename-store.ts'
import { openStore, type SqliteStore } from './store/sqlite-store.ts'
import type { StoreSettings } from './store/sqlite-store-file.ts'
import { createCheckpointer } from './wal-checkpoints/sqlite-wal-checkpointer.ts'

/** How the embedded engine works. */
export interface SqliteDriverOptions {
  /** The folder of the databases. It is created, for its owner only, if it does not exist. */
  readonly directory: string
  /**
   * What a commit survives: `power-loss` flushes each commit to the disk; `process-crash` lets the operating system do that later. Default:
   * `power-loss`.
   */
  readonly durability?: Durability
  /** The most units of work that share one transaction. Default: 256. */
  readonly groupUnitsMax?: number
  /** The most rows that one SQL statement returns. Default: 10,000. */
  readonly sqlRowCountMax?: number
  /** Memory for the pages of each store, in bytes. Default: 33,554,432. */
  readonly cacheBytes?: number
  /** If a write-ahead log has more than this many bytes, a warning is logged. Default: 268,435,456. */
  readonly walBytesMax?: number
  /** If a write-ahead log has at least this many pages of 4,096 bytes, the commit itself checkpoints it. Default: 8,192. */
  readonly checkpointPages?: number
  /**
   * The longest time from a commit to the checkpoint after it, in milliseconds. A WAL of 1,000 pages is checkpointed sooner. Default: 10,000. With
   * `process-crash`, a power cut may undo what was not checkpointed; a shorter time makes that less, and costs CPU time with many stores.
   */
  readonly checkpointIntervalMs?: number
  /** Receives warnings, such as a write-ahead log that grows. Default: none. */
  readonly log?: LogSink
}

const durabilities: Readonly<Record<Durability, string>> = {
  'power-loss': 'power-loss: every commit is on the disk before it is acknowledged (synchronous=FULL)',
  'process-crash': 'process-crash: a power cut may take back the last commits, whole ones only (synchronous=NORMAL)',
}

/**
 * The embedded engine: store and broker on Node's own SQLite, with nothing to install.
 *
 * @example
 * ```ts
 * const driver = sqliteDriver({ directory: '.tidings', durability: 'power-loss' })
 * ```
 */
export function sqliteDriver(options: SqliteDriverOptions): Driver {
  const hint = "Write `sqliteDriver({ directory: '.tidings' })`."
  checkObject(options, { what: 'The options of sqliteDriver', hint })
  checkIsText(options.directory, { what: '`directory` of sqliteDriver', hint })
  return {
    name: 'sqlite',
    backups: sqliteBackups(options.directory),
    open: async (environment) => {
      checkSqliteVersion(sqliteVersion())
      return openEngine(options, environment)
    },
  }
}

const asAnyOther: LongWork = (_what, work) => work()

function openEngine(options: SqliteDriverOptions, environment: Environment): Engine {
  const { durability = 'power-loss', log = () => undefined } = options
  const { longWork = asAnyOther } = environment
  if (durabilities[durability] === undefined) {
    throw new TidingsError(
      'CONFIG_INVALID',
      `durability is 'power-loss' or 'process-crash', not ${JSON.stringify(durability)}.`,
    )
  }
  const directory = ensureDirectory(options.directory)
  const stores = new Map<string, SqliteStore>()
  const wakeUps = createWakeUps({ directory, clock: environment.clock, timeouts: environment.timeouts })
  const broker = openBroker({ directory, durability, stores, wakeUps })
  const checkpointer = createCheckpointer({
    durability,
    intervalMs: options.checkpointIntervalMs ?? 10_000,
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
      const settings: StoreSettings = {
        service,
        files: filesOf(directory, service),
        durability,
        cacheBytes: options.cacheBytes ?? 32 * 1024 * 1024,
        checkpointPages: options.checkpointPages ?? 8_192,
        groupUnitsMax: options.groupUnitsMax ?? 256,
        sqlRowCountMax: options.sqlRowCountMax ?? 10_000,
        environment,
        checkpointer,
        wakeUps,
        longWork,
        closed: () => stores.delete(service),
      }
      // A file of an earlier layout is migrated, and SQLite may have a long write-ahead log to recover.
      const store = longWork(`open the store of ${service}`, () => openStore(settings))
      stores.set(service, store)
      return store
    },
    renameStore: async (was, service) => renameStore(directory, was, service),
    storedServices: async () =>
      guarded(`list ${directory}`, () => storedServices(directory), path.join(directory, 'any')),
    close: () => {
      closing ??= end()
      return closing
    },
  }
}
