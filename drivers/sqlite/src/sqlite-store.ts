// The store of one service: opens the file under its lock and puts the parts together. Invariant: after `close` every call
// throws `CLOSED`, and before it the lock is held without a gap.

import type { DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import type { DriverEnvironment, Store } from 'tidings/ports'
import type { CheckpointedFile, Checkpointer } from './sqlite-checkpointer.ts'
import { openUnits } from './sqlite-commit.ts'
import { type Durability, openConnection } from './sqlite-connection.ts'
import { guarded } from './sqlite-errors.ts'
import { createPrivate, type StoreFiles } from './sqlite-files.ts'
import { openGroupCommit } from './sqlite-group-commit.ts'
import { type StoreLock, takeLock } from './sqlite-lock.ts'
import { openLog } from './sqlite-log.ts'
import { openLogSearch } from './sqlite-log-search.ts'
import { openLogTerms } from './sqlite-log-terms.ts'
import { boundedName, quoted } from './sqlite-names.ts'
import { countRows, findRows, getRow } from './sqlite-rows.ts'
import { checkService, createLayout, isEmpty, readIdentity } from './sqlite-schema.ts'
import { createSqlReader } from './sqlite-sql.ts'
import { openStreams } from './sqlite-streams.ts'
import { openCatalogue } from './sqlite-tables.ts'
import type { Publishing, WakeHub } from './sqlite-wake.ts'

/** What a store is opened with. */
export interface StoreSettings {
  readonly service: string
  readonly files: StoreFiles
  readonly durability: Durability
  readonly cacheBytes: number
  readonly checkpointPages: number
  readonly groupUnitsMax: number
  readonly sqlRowCountMax: number
  readonly environment: DriverEnvironment
  readonly checkpointer: Checkpointer
  readonly hub: WakeHub
  readonly closed: () => void
}

/** A store, and what of it the driver's own parts need. */
export interface SqliteStore extends Store {
  /** The connection that writes. */
  readonly database: DatabaseSync
}

/** Opens the store of a service, or makes it; throws `STORE_LOCKED`, `CORRUPT_DATA`, `ENGINE_TOO_OLD` or `STORE_UNAVAILABLE`. */
export function openStore(settings: StoreSettings): SqliteStore {
  const lock = takeLock(settings.files.lock, settings.service)
  try {
    return assemble(settings, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function openFile(settings: StoreSettings) {
  const { service, files, durability, cacheBytes, checkpointPages, environment } = settings
  createPrivate(files.database)
  checkBeforeWriting(files.database)
  const database = openConnection(files.database, { durability, cacheBytes, checkpointPages, busyTimeoutMs: 100 })
  try {
    if (isEmpty(database)) createLayout(database, service, environment.ids)
    const identity = readIdentity(database, files.database)
    checkService(identity, service, files.database)
    return { database, identity, ...openParts(settings, database) }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opening for writing changes a file; one that is not Tidings' must stay as it is. */
function checkBeforeWriting(path: string): void {
  const database = openConnection(path, { durability: 'process-crash', readOnly: true, busyTimeoutMs: 100 })
  try {
    if (!isEmpty(database)) readIdentity(database, path)
  } finally {
    database.close()
  }
}

/** The parts that work on one connection. */
function openParts({ service, environment }: StoreSettings, database: DatabaseSync) {
  const catalogue = openCatalogue(database)
  const log = openLog(database, service)
  const terms = openLogTerms(database)
  const streams = openStreams(database)
  const search = openLogSearch({ database, source: service, log, terms, scheduler: environment.scheduler })
  const units = openUnits({ database, catalogue, streams, log })
  return { catalogue, log, terms, streams, search, units }
}

function assemble(settings: StoreSettings, lock: StoreLock): SqliteStore {
  const { service, files, durability, environment, groupUnitsMax } = settings
  const { database, identity, catalogue, log, terms, streams, search, units } = guarded(
    `open the store of ${service}`,
    () => openFile(settings),
  )
  const sql = createSqlReader({ path: files.database, durability, rowCountMax: settings.sqlRowCountMax })
  const file: CheckpointedFile = settings.checkpointer.open(files.database, service)
  const publishing: Publishing = settings.hub.publish(service)
  let announced = log.head
  let closing: Promise<void> | undefined

  const group = openGroupCommit({
    database,
    scheduler: environment.scheduler,
    groupUnitsMax,
    apply: units.apply,
    beforeCommit: () => terms.catchUp(log.head),
    rolledBack: () => {
      for (const part of [log, streams, terms, units]) part.reload()
    },
    committed: () => {
      file.written()
      if (log.head === announced) return
      announced = log.head
      publishing.wake()
    },
  })

  /** Runs what needs the open store. */
  function live<T>(doing: string, run: () => T): T {
    if (closing !== undefined) throw new TidingsError('CLOSED', `The store of ${service} was closed.`)
    return guarded(doing, run)
  }

  async function end(): Promise<void> {
    group.flush()
    await publishing.close()
    await file.close()
    sql.close()
    database.close()
    lock.release()
    settings.closed()
  }

  return {
    ...identity,
    database,
    capabilities: { sql: true, durable: true },
    ensureTable: (layout) =>
      live(`make the table ${layout.name}`, () => {
        group.flush()
        catalogue.ensure(layout)
        file.written()
      }),
    dropTable: (name) =>
      live(`drop the table ${name}`, () => {
        group.flush()
        catalogue.drop(name)
        file.written()
      }),
    tableNames: () => live('name the tables', catalogue.names),
    get: (table, key) => live('read a row', () => getRow(catalogue.table(table), key)),
    getMany: (name, keys) =>
      live('read rows', () => {
        const table = catalogue.table(name)
        return keys.map((key) => getRow(table, key))
      }),
    find: (query) => live('read rows', () => findRows(catalogue.table(query.table), query)),
    count: (table) => live('count rows', () => countRows(catalogue.table(table))),
    streamVersion: (category, stream) => live('read a stream', () => streams.state(category, stream).version),
    readStream: (category, stream, afterVersion, limit) =>
      live('read a stream', () => streams.readStream(category, stream, afterVersion, limit)),
    readFacts: (request) => live('read facts', () => streams.readFacts(request)),
    readLog: (request) => live('read the log', () => log.read(request, identity.epoch)),
    searchLog: async (request) => live('search the log', () => search(request)),
    commit: async (unit) => live('commit', () => group.commit(unit)),
    sql: (text, parameters) => live('answer SQL', () => sql.ask(text, parameters)),
    tableIdentifier: (table) => quoted(boundedName(table)),
    close: () => {
      closing ??= end()
      return closing
    },
  }
}
