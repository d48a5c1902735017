// What one service owns: tables of documents, streams of facts, and the log of what it published. All that one command or one
// handled event causes goes into one `commit`. Everything else the runtime keeps (checkpoints, held events, snapshots,
// idempotency keys, timers later) are rows of tables, so a driver has three things to do right, and one transaction.

import type { EventRecord, LoggedEvent } from '../contracts/index.ts'
import type { Awaitable, Position } from './awaitable.ts'

/** A value of an indexed column. */
export type ColumnValue = string | number | boolean | null

/** A table's physical layout. */
export interface TableLayout {
  /** The table's name in the store: a name of the grammar, optionally followed by `@` and a generation (`months@2`). */
  readonly name: string
  /** Indexed fields; each is also a column of its own for plain SQL. */
  readonly indexes: readonly string[]
}

/** A row as it is stored. */
export interface StoredRow {
  readonly key: string
  /** The commit that wrote the row last: a number that only grows within a store. */
  readonly revision: number
  /** The version of the row schema the document follows. */
  readonly schemaVersion: number
  /** The document as JSON text. */
  readonly json: string
}

/** A row to be written. */
export interface RowWrite {
  readonly table: string
  readonly key: string
  /** `null` deletes the row; deleting an absent row is no error. */
  readonly row: {
    readonly schemaVersion: number
    readonly json: string
    /** The indexed fields' values, in the layout's order. */
    readonly columns: readonly ColumnValue[]
  } | null
}

/** A row the unit of work has read: it must not have changed since. */
export interface RowCheck {
  readonly table: string
  readonly key: string
  /** The revision that was read; 0 where there was no row. */
  readonly revision: number
}

/** Which rows to read, in which order. Without `index`, rows come in the order of their keys. */
export interface RowQuery {
  readonly table: string
  /** Read in the order of this column (then of keys), optionally only rows with one value. */
  readonly index?: { readonly column: string; readonly equals?: ColumnValue }
  /** First key (inclusive); only without `index`. */
  readonly fromKey?: string
  /** Last key (exclusive); only without `index`. */
  readonly toKey?: string
  /** Go on after this row (exclusive), as returned last by the same query. */
  readonly after?: { readonly key: string; readonly column?: ColumnValue }
  /** Backwards. Default: false. */
  readonly reverse?: boolean
  /** The most rows returned; at least 1. */
  readonly limit: number
}

/** A fact to be appended. */
export interface NewFact {
  readonly type: string
  readonly version: number
  /** The data as JSON text. */
  readonly data: string
  readonly occurredAt: number
  readonly recordedAt: number
  readonly correlationId: string
  readonly causationId: string
  readonly causedBy: string
  readonly principal: string | null
}

/** A fact as it is stored. */
export interface StoredFact extends NewFact {
  readonly category: string
  /** The id within the category. */
  readonly stream: string
  /** 1 for the first fact of a stream, without gaps. */
  readonly streamVersion: number
  readonly position: Position
}

/** Facts to append to one stream. */
export interface Append {
  readonly category: string
  readonly stream: string
  /** The version the stream must have now; 0 where it must not exist. */
  readonly expectedVersion: number
  /** None: the stream's version is only checked. */
  readonly facts: readonly NewFact[]
}

/** One unit of work. */
export interface CommitUnit {
  readonly checks: readonly RowCheck[]
  readonly rows: readonly RowWrite[]
  readonly appends: readonly Append[]
  /** Events for the log, in order. Their `source` is the store's service. */
  readonly events: readonly EventRecord[]
  /** The history of facts must end here; used for switching read models. */
  readonly factsHead?: Position
}

/** What stood against a commit. */
export type CommitConflict =
  | { readonly kind: 'row'; readonly table: string; readonly key: string }
  | {
      readonly kind: 'stream'
      readonly category: string
      readonly stream: string
      readonly expected: number
      readonly actual: number
    }
  | { readonly kind: 'facts-head'; readonly expected: Position; readonly actual: Position }

/** The outcome of a commit. */
export type CommitResult =
  | {
      readonly committed: true
      /** The revision that all rows of the unit now bear. */
      readonly revision: number
      /** The position of the last event of the unit, or of the log's last event where the unit published none. */
      readonly eventLogHead: Position
      /** The position of the last fact of the unit, or of the store's last fact where the unit appended none. */
      readonly factsHead: Position
    }
  | { readonly committed: false; readonly conflicts: readonly CommitConflict[] }

/** A part of a log. */
export interface EventLogPage {
  /** The store's epoch; `undefined` where the source has never published (no store yet). */
  readonly epoch: string | undefined
  /** The events asked for, in the order of their positions. */
  readonly events: readonly LoggedEvent[]
  /**
   * Everything up to here has been looked at, whether it matched or not; read on from here.
   * Equals the request's `after` where there was nothing.
   */
  readonly next: Position
  /** The position of the log's last committed event when the page was read. */
  readonly head: Position
}

/** Which part of a log to read. */
export interface EventLogRequest {
  /** Read behind this position. */
  readonly after: Position
  /** The most events looked at or returned; at least 1. */
  readonly limit: number
  /** Only these types; all where absent. */
  readonly types?: readonly string[]
}

/** Which events of a log to find; every given part must match. */
export interface EventLogSearch {
  readonly id?: string
  readonly correlationId?: string
  readonly causationId?: string
  readonly type?: string
  readonly key?: string
  /** The most events returned, newest first. */
  readonly limit: number
}

/** Which facts to read, in the order they were committed. */
export interface FactsRequest {
  readonly after: Position
  readonly limit: number
  /** Only these categories; all where absent. */
  readonly categories?: readonly string[]
}

/** A part of the history of facts. */
export interface FactsPage {
  readonly facts: readonly StoredFact[]
  /** Everything up to here has been looked at. */
  readonly next: Position
  readonly head: Position
}

/** What a store can do beyond the port's minimum. */
export interface StoreCapabilities {
  /** Read models can be asked with plain SQL. Where false, `sql` throws `SQL_UNSUPPORTED`. */
  readonly sql: boolean
  /** The state outlives the process. */
  readonly durable: boolean
}

/** An earlier epoch of a restored store. */
export interface EarlierEpoch {
  readonly epoch: string
  /** The last position of that epoch which the store still has. */
  readonly upTo: Position
}

/**
 * The store of one service.
 *
 * Atomicity: a commit's rows, facts and events become visible together or not at all, to this and every other reader.
 * Ordering: positions of the log and of facts are given in the order of commit; a reader that has seen a position never later sees a
 *   smaller one appear. Facts of one stream have the versions 1, 2, 3, … without gaps.
 * Concurrency: a commit fails with its conflicts, and without any effect, where a check, an expected version or the head of facts does not hold.
 *   Commits called at once may share one transaction; each still succeeds or fails on its own.
 * Failure: a commit that rejects has no effect, or is ambiguous and says so by `STORE_UNAVAILABLE`; reads throw `STORE_UNAVAILABLE`.
 *   A second writer for the same service is refused with `STORE_LOCKED`.
 * Idempotence: none; the runtime brings it by rows in the same commit.
 * Close: waits for commits under way; afterwards every call throws `CLOSED`; closing twice is no error.
 */
export interface Store {
  readonly service: string
  /** Made when the store was created, and again when it was restored from a backup. */
  readonly epoch: string
  /** The epochs before a restore, oldest first. */
  readonly earlierEpochs: readonly EarlierEpoch[]
  readonly capabilities: StoreCapabilities

  /** Creates a table, or brings its indexes up to the layout. Does nothing where it is as it should be. */
  ensureTable(layout: TableLayout): Awaitable<void>
  /** Deletes a table with its rows; no error where there is none. */
  dropTable(name: string): Awaitable<void>
  /** The tables there are. */
  tableNames(): Awaitable<readonly string[]>

  /** A row, or `undefined`. */
  get(table: string, key: string): Awaitable<StoredRow | undefined>
  /** Rows by key, in the order of the keys asked for. */
  getMany(table: string, keys: readonly string[]): Awaitable<readonly (StoredRow | undefined)[]>
  /** Rows by range or index. */
  find(query: RowQuery): Awaitable<readonly StoredRow[]>
  /** The number of rows of a table. */
  count(table: string): Awaitable<number>

  /** The version of a stream; 0 where there is none. */
  streamVersion(category: string, stream: string): Awaitable<number>
  /** Facts of a stream behind a version, oldest first. */
  readStream(category: string, stream: string, afterVersion: number, limit: number): Awaitable<readonly StoredFact[]>
  /** Facts of all streams in the order they were committed. */
  readFacts(request: FactsRequest): Awaitable<FactsPage>

  /** The service's own log: what it published. */
  readEventLog(request: EventLogRequest): Awaitable<EventLogPage>
  /** Events of the own log by id, correlation, cause, type or key. */
  searchEventLog(search: EventLogSearch): Awaitable<readonly LoggedEvent[]>

  /** Commits one unit of work. */
  commit(unit: CommitUnit): Promise<CommitResult>

  /**
   * Asks tables with one read-only SQL statement; throws `SQL_UNSUPPORTED` or `SQL_REFUSED`.
   * A table is named by `tableIdentifier`; its columns are `key`, `doc` (JSON text) and the indexed fields.
   */
  sql(text: string, parameters: readonly ColumnValue[]): Awaitable<readonly Readonly<Record<string, unknown>>[]>
  /** The quoted SQL identifier of a table; throws `SQL_UNSUPPORTED`. */
  tableIdentifier(table: string): string

  close(): Promise<void>
}
