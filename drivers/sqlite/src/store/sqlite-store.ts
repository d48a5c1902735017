// The store of one service: takes its lock and joins the parts. Invariant: the lock is held from `openStore` to `close`, and
// after `close` every call throws `CLOSED`.

import type { DatabaseSync } from 'node:sqlite'
import { TidingsError } from 'tidings'
import type { Store } from 'tidings/ports'
import { guarded } from '../database/sqlite-errors.ts'
import { guardFiles } from '../database/sqlite-file-guard.ts'
import { type StoreLock, takeLock } from '../database/sqlite-lock.ts'
import { boundedName, quoted } from '../database/sqlite-names.ts'
import { indexWhenIdle } from '../event-log/sqlite-index-when-idle.ts'
import { sqlExpressions } from './sqlite-expressions.ts'
import { openGroupCommit } from './sqlite-group-commit.ts'
import { countRows, findRows, getRow } from './sqlite-rows.ts'
import { createSharedSnapshot } from './sqlite-shared-snapshot.ts'
import { createSqlReader } from './sqlite-sql.ts'
import { openStoreFile, type StoreSettings } from './sqlite-store-file.ts'

/** A store, with what only the driver itself uses. */
export interface SqliteStore extends Store {
  /** The connection that writes. */
  readonly database: DatabaseSync
}

/** Opens or creates the store of a service. Throws `STORE_LOCKED`, `CORRUPT_DATA`, `ENGINE_TOO_OLD` or `STORE_UNAVAILABLE`. */
export function openStore(settings: StoreSettings): SqliteStore {
  const lock = takeLock(settings.files.lock, settings.service)
  try {
    return assemble(settings, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function assemble(settings: StoreSettings, lock: StoreLock): SqliteStore {
  const { service, files, durability, environment, groupUnitsMax, longWork } = settings
  const { database, identity, catalogue, eventLog, outbox, blocks, streams, search, units } = guarded(
    `open the store of ${service}`,
    () => openStoreFile(settings),
    files.database,
  )
  const sql = createSqlReader({ path: files.database, durability, rowCountMax: settings.sqlRowCountMax })
  const file = settings.checkpointer.open(files.database, service)
  const publisher = settings.wakeUps.publish(service)
  const guard = guardFiles(service, files, environment.clock)
  const snapshot = createSharedSnapshot(database)
  let announced = outbox.head
  let closing: Promise<void> | undefined

  const group = openGroupCommit({
    database,
    timeouts: environment.timeouts,
    groupUnitsMax,
    path: files.database,
    beforeBegin: snapshot.end,
    apply: units.apply,
    beforeCommit: () => {
      blocks.catchUp(outbox.head)
      blocks.merge()
    },
    checkFiles: guard.check,
    rolledBack: () => {
      for (const part of [outbox, streams, units]) part.reload()
      blocks.reload(outbox.head)
    },
    committed: () => {
      file.written()
      if (outbox.head === announced) return
      announced = outbox.head
      publisher.wake()
    },
  })

  const stopIndexing = indexWhenIdle({
    database,
    outbox,
    blocks,
    timeouts: environment.timeouts,
    written: file.written,
  })

  const closed = () => new TidingsError('CLOSED', `The store of ${service} was closed.`)

  /** Runs something that needs the store to be open. */
  function live<T>(doing: string, run: () => T): T {
    if (closing !== undefined) throw closed()
    return guarded(doing, run, files.database)
  }

  /** Runs a read in the snapshot that all reads share until the next commit. */
  function read<T>(doing: string, run: () => T): T {
    if (closing === undefined && !database.isTransaction) live(doing, snapshot.begin)
    return live(doing, run)
  }

  // SQL knows only what is in the file.
  function storeTables(): void {
    if (!catalogue.hasWaiting) return
    group.flush()
    catalogue.storeAll()
    file.written()
  }

  async function end(): Promise<void> {
    stopIndexing()
    group.flush()
    await publisher.close()
    await file.close()
    sql.close()
    // Closing the last connection moves the write-ahead log into the file.
    longWork(`close the store of ${service}`, () => {
      snapshot.end()
      database.close()
    })
    lock.release()
    settings.closed()
  }

  return {
    ...identity,
    database,
    capabilities: { sql: true, durable: true, writers: 'one' },
    now: () => live('read the clock', () => environment.clock.now()),
    ensureTable: (layout) =>
      live(`create the table ${layout.name}`, () => {
        group.flush()
        if (longWork(`index the table ${layout.name}`, () => catalogue.ensure(layout))) file.written()
      }),
    dropTable: (name) =>
      live(`drop the table ${name}`, () => {
        group.flush()
        longWork(`drop the table ${name}`, () => catalogue.drop(name))
        file.written()
      }),
    tableNames: () => live('list the tables', catalogue.names),
    get: (table, key) => read('read a row', () => getRow(catalogue.table(table), key)),
    getMany: (name, keys) =>
      read('read rows', () => {
        const table = catalogue.table(name)
        return keys.map((key) => getRow(table, key))
      }),
    find: (query) => read('read rows', () => findRows(catalogue.table(query.table), query)),
    count: (table) => read('count rows', () => countRows(catalogue.table(table))),
    streamVersion: (category, stream) => read('read a stream', () => streams.state(category, stream).version),
    readStream: (category, stream, afterVersion, limit) =>
      read('read a stream', () => streams.readStream(category, stream, afterVersion, limit)),
    renameCategory: (was, category) =>
      live(`rename the streams of ${was}`, () => {
        group.flush()
        longWork(`rename the streams of ${was}`, () => streams.renameCategory(was, category))
        file.written()
      }),
    readFacts: (request) => read('read facts', () => streams.readFacts(request)),
    readEventLog: (request) => read('read the event log', () => eventLog.page(request, outbox.head, identity.epoch)),
    searchEventLog: async (request) => read('search the event log', () => search(request)),
    commit: (unit) => (closing === undefined ? group.commit(unit) : Promise.reject(closed())),
    sql: (text, parameters) => {
      live('create tables', storeTables)
      return live('answer SQL', () => sql.ask(text, parameters))
    },
    tableIdentifier: (table) => live('name a table', () => quoted(boundedName(table))),
    sqlExpressions,
    close: () => {
      closing ??= end()
      return closing
    },
  }
}
