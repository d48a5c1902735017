// The store of one service: joins the parts. Other instances may write the same store. Invariant: after `close` every call throws `CLOSED`, and every
// unit of work whose commit was called before has its outcome.

import { TidingsError } from 'tidings'
import type { Environment, Store } from 'tidings/ports'
import type { PostgresConnections } from '../database/postgres-connections.ts'
import { guarded, toTidingsError } from '../database/postgres-errors.ts'
import { openLayout } from '../database/postgres-layout.ts'
import { type Query, queryOf } from '../database/postgres-query.ts'
import type { StorePlace } from '../database/postgres-schema.ts'
import { keepChanges, readChanges } from '../event-log/postgres-changes.ts'
import { readPage } from '../event-log/postgres-event-log.ts'
import { searchEvents } from '../event-log/postgres-event-log-search.ts'
import { openStreams } from '../event-log/postgres-streams.ts'
import { isOutdated, openCatalogue, type PostgresTable } from './postgres-catalogue.ts'
import { createSqlExpressions } from './postgres-expressions.ts'
import { GroupCommit } from './postgres-group-commit.ts'
import { Housekeeping } from './postgres-housekeeping.ts'
import { countRows, findRows, getRow, getRows } from './postgres-rows.ts'
import { askSql } from './postgres-sql.ts'

/** The options of the driver that concern a store. */
export interface StoreSettings {
  readonly durability: 'power-loss' | 'process-crash'
  readonly groupUnitsMax: number
  readonly groupBytesMax: number
  readonly lostAnswerMs: number
  readonly sqlRowCountMax: number
  readonly sqlTimeoutMs: number
}

/** What a store is opened with. */
export interface StoreParts {
  readonly place: StorePlace
  readonly settings: StoreSettings
  readonly environment: Environment
  readonly connections: PostgresConnections
  /** Called after a commit that published. */
  readonly published: () => void
  readonly closed: () => void
}

/** How often a read is tried again because another instance has changed the table. */
const readAttemptsMax = 5

/** Opens or creates the store of a service. Throws `CORRUPT_DATA`, `ENGINE_TOO_OLD` or `STORE_UNAVAILABLE`. */
export async function openStore({
  place,
  settings,
  environment,
  connections,
  published,
  closed,
}: StoreParts): Promise<Store> {
  const { service } = place
  const { identity, catalogue } = await guarded(`open the store of ${service}`, async () => ({
    identity: await openLayout(connections, place, environment.ids),
    catalogue: await openCatalogue(connections, place),
  }))
  const run = environment.ids.next()
  const housekeeping = new Housekeeping({ query: queryOf(connections, 'keep the store in order'), place, run })
  const group = new GroupCommit({
    connections,
    place,
    catalogue,
    environment,
    run,
    epoch: identity.epoch,
    isFlushed: settings.durability === 'power-loss',
    groupUnitsMax: settings.groupUnitsMax,
    groupBytesMax: settings.groupBytesMax,
    lostAnswerMs: settings.lostAnswerMs,
    committed: (results, units, number) => {
      housekeeping.committed(units, number)
      if (units.some(({ events }, index) => events.length > 0 && results[index]?.committed === true)) published()
    },
  })
  // `live` says what was tried.
  const query: Query = async (text, values) => (await connections.query(text, values)).rows
  const streams = openStreams(queryOf(connections, 'read facts'), place)
  const sql = { connections, rowCountMax: settings.sqlRowCountMax, timeoutMs: settings.sqlTimeoutMs }
  const sqlExpressions = createSqlExpressions((table, field) => {
    const column = catalogue.known(table)?.stored.columns.find((each) => each.field === field)
    return column?.filled === true ? column.type : undefined
  })
  let closing: Promise<void> | undefined

  async function live<T>(doing: string, run: () => Promise<T>): Promise<T> {
    refuseClosed()
    return guarded(doing, run)
  }

  function refuseClosed(): void {
    if (closing !== undefined) throw new TidingsError('CLOSED', `The store of ${service} was closed.`)
  }

  /** Reads a table; once more if another instance has changed it meanwhile. */
  async function read<T>(doing: string, name: string, run: (table: PostgresTable) => Promise<T>): Promise<T> {
    refuseClosed()
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(catalogue.known(name) ?? (await catalogue.table(name)))
      } catch (error) {
        if (attempt === readAttemptsMax || !isOutdated(error)) throw toTidingsError(error, doing)
        await guarded('list the tables', () => catalogue.reload())
      }
    }
  }

  async function end(): Promise<void> {
    await group.settled()
    await housekeeping.close()
    closed()
  }

  return {
    service,
    epoch: identity.epoch,
    earlierEpochs: identity.earlierEpochs,
    capabilities: { sql: true, durable: true, writers: 'many' },
    now: () =>
      live('read the clock', async () => {
        const { rows } = await connections.query(
          'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 WHERE $1',
          [true],
        )
        return rows[0]?.[0] as number
      }),
    ensureTable: (layout) => live(`create the table ${layout.name}`, () => catalogue.ensure(layout)),
    dropTable: (name) => live(`drop the table ${name}`, () => catalogue.drop(name)),
    tableNames: () => live('list the tables', () => catalogue.names()),
    get: (name, key) => read('read a row', name, (table) => getRow(connections, table, key)),
    getMany: (name, keys) => read('read rows', name, (table) => getRows(connections, table, keys)),
    find: (query) => read('read rows', query.table, (table) => findRows(connections, table, query)),
    count: (name) => read('count rows', name, (table) => countRows(connections, table)),
    noteChanges: (toNote) =>
      live('note changes', async () => {
        await catalogue.note(toNote.tables)
        await keepChanges(query, place, toNote.countMax)
      }),
    readChanges: (request) => live('read changes', () => readChanges(query, place, request)),
    streamVersion: (category, stream) => live('read a stream', () => streams.streamVersion(category, stream)),
    readStream: (category, stream, afterVersion, limit) =>
      live('read a stream', () => streams.readStream(category, stream, afterVersion, limit)),
    renameCategory: (was, category) =>
      live(`rename the streams of ${was}`, () => streams.renameCategory(was, category)),
    readFacts: (request) => live('read facts', () => streams.readFacts(request)),
    readEventLog: (request) => live('read the event log', () => readPage(query, place, request)),
    searchEventLog: (search) => live('search the event log', () => searchEvents(query, place, search)),
    commit: async (unit) => {
      refuseClosed()
      return group.commit(unit)
    },
    sql: (text, parameters) => live('answer SQL', () => askSql(sql, text, parameters)),
    tableIdentifier: (table) => {
      refuseClosed()
      return catalogue.identifierOf(table)
    },
    sqlExpressions,
    close: () => {
      closing ??= end()
      return closing
    },
  }
}
