// The store of one service, over a state that outlives it. Invariant: after `close` every call throws `CLOSED`; after a crash
// (see `MemoryDriver.crash`) every call throws `STORE_UNAVAILABLE` and has no effect.

import { TidingsError } from '../errors/index.ts'
import type {
  ChangesToNote,
  CommitResult,
  CommitUnit,
  EventLogRequest,
  EventLogSearch,
  FactsRequest,
  RowChangesRequest,
  RowQuery,
  Store,
  StoreCapabilities,
} from '../ports/index.ts'
import { commitUnit, type StoreState } from './memory-commit.ts'

/** What a store needs. */
export interface MemoryStoreParts {
  readonly service: string
  readonly state: StoreState
  readonly writers: StoreCapabilities['writers']
  /** The store's clock. */
  readonly now: () => number
  /** Called after a commit that published. */
  readonly published: () => void
  /** Called once, when the writer's lock is released. */
  readonly released: () => void
}

/** A store that tests can kill. */
export interface MemoryStore extends Store {
  /** Ends the store as a killed process would. */
  abandon(): void
}

/** Opens a store over a state. */
export function openMemoryStore({ service, state, writers, now, published, released }: MemoryStoreParts): MemoryStore {
  let ended: 'CLOSED' | 'STORE_UNAVAILABLE' | undefined

  function whileOpen<T>(run: () => T): T {
    if (ended === 'CLOSED') throw new TidingsError('CLOSED', `The store of ${service} was closed.`)
    if (ended !== undefined)
      throw new TidingsError(ended, `The process that wrote the store of ${service} has crashed.`)
    return run()
  }

  function end(how: typeof ended): void {
    if (ended !== undefined) return
    ended = how
    released()
  }

  const { tables, streams, log, changes } = state
  const noteChanges = (toNote: ChangesToNote) => whileOpen(() => changes.add(toNote))
  const readChanges = (request: RowChangesRequest) => whileOpen(() => changes.read(request, state.revision))
  return {
    service,
    epoch: state.epoch,
    earlierEpochs: state.earlierEpochs,
    capabilities: { sql: false, durable: false, writers },

    now: () => whileOpen(now),

    ensureTable: (layout) => whileOpen(() => tables.ensure(layout)),
    dropTable: (name) =>
      whileOpen(() => {
        tables.drop(name)
        changes.forget(name)
      }),
    tableNames: () => whileOpen(() => tables.names),

    get: (table, key) => whileOpen(() => tables.table(table).get(key)),
    getMany: (table, keys) => whileOpen(() => keys.map((key) => tables.table(table).get(key))),
    find: (query: RowQuery) => whileOpen(() => tables.table(query.table).find(query)),
    count: (table) => whileOpen(() => tables.table(table).size),

    ...(writers === 'one' ? {} : { noteChanges, readChanges }),

    streamVersion: (category, stream) => whileOpen(() => streams.version(category, stream)),
    readStream: (category, stream, afterVersion, limit) =>
      whileOpen(() => streams.readStream(category, stream, afterVersion, limit)),
    renameCategory: (was, category) => whileOpen(() => streams.renameCategory(was, category)),
    readFacts: (request: FactsRequest) => whileOpen(() => streams.readFacts(request)),

    readEventLog: (request: EventLogRequest) => whileOpen(() => ({ epoch: state.epoch, ...log.read(request) })),
    searchEventLog: (search: EventLogSearch) => whileOpen(() => log.search(search)),

    // The whole unit is applied before the promise is created, so `close` never has to wait for a commit.
    commit: async (unit: CommitUnit): Promise<CommitResult> =>
      whileOpen(() => {
        const result = commitUnit(service, state, unit, writers)
        if (result.committed && unit.events.length > 0) published()
        return result
      }),

    sql: () => whileOpen(refuseSql),
    tableIdentifier: () => whileOpen(refuseSql),

    close: async () => end('CLOSED'),
    abandon: () => end('STORE_UNAVAILABLE'),
  }
}

function refuseSql(): never {
  throw new TidingsError('SQL_UNSUPPORTED', 'The in-memory store does not support SQL.')
}
