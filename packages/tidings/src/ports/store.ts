// The store of one service: tables of documents, streams of facts, and the event log of what it published. Everything that one command
// or one handled event causes goes into one `commit`. All other data of the runtime (checkpoints, deferred events, snapshots, idempotency
// keys, timers) are rows of tables, so a driver has to implement only tables, streams, the event log, and one transaction.

import type { EventRecord, FieldType, LoggedEvent } from '../contracts/index.ts'
import type { Awaitable, Position } from './awaitable.ts'
import type { ChangesToNote, RowChangesPage, RowChangesRequest } from './row-changes.ts'
import type { SlotRange } from './slots.ts'
import type { SqlExpressions } from './sql-expressions.ts'

/** A value of an indexed column. */
export type ColumnValue = string | number | boolean | null

/** A table's physical layout. */
export interface TableLayout {
  /** The table's name in the store: a valid name, optionally followed by `@` and a generation (`months@2`). */
  readonly name: string
  /** Indexed fields; each is also a column for plain SQL. */
  readonly indexes: readonly string[]
  /**
   * Those of them along which rows of the same value may come in any order, the same each time while these rows stay: then an engine need not have the
   * key in the index. A read along such an index can't be continued with `after`. Default: none.
   */
  readonly tiesInAnyOrder?: readonly string[]
  /**
   * The type of those of them whose values all have one: each value that is written is of this type, or `null`. A field that is not named may have values
   * of every type. Reads give the same with a type and without. An engine may keep the values in a column of that type, and may refuse a value of another
   * one; if rows that are there have such a value, `ensureTable` keeps them as they are. Default: none is named.
   */
  readonly columnTypes?: Readonly<Record<string, FieldType>>
}

/** A stored row. */
export interface StoredRow {
  readonly key: string
  /** The number of the commit that last wrote the row; grows with each commit of the store. */
  readonly revision: number
  /** The version of the row schema that the document follows. */
  readonly schemaVersion: number
  /** The document as JSON text. */
  readonly json: string
}

/** A row to write or delete. */
export interface RowWrite {
  readonly table: string
  readonly key: string
  /** `null` deletes the row; deleting an absent row is no error. */
  readonly row: {
    readonly schemaVersion: number
    readonly json: string
    /** The indexed fields' values, in the layout's order. If the document is an object with a field of that name, it has the same value. */
    readonly columns: readonly ColumnValue[]
  } | null
}

/** A row that the unit of work has read; it must not have changed since. */
export interface RowCheck {
  readonly table: string
  readonly key: string
  /** The revision that was read; 0 if there was no row. */
  readonly revision: number
}

/** A value that an indexed column of a row must have. `1`, `true` and `'1'` are three values, although an order puts 1 beside true. */
export interface ColumnCondition {
  readonly column: string
  readonly equals: ColumnValue
}

/** Which rows to read. Without `index`, rows are in the order of their keys. */
export interface RowQuery {
  readonly table: string
  /** Read in the order of this column, then of keys (see `tiesInAnyOrder`); with `equals`, only rows with this value. */
  readonly index?: { readonly column: string; readonly equals?: ColumnValue }
  /** Only rows that meet all of these conditions; the order stays that of `index`, or of keys. Default: all rows. */
  readonly where?: readonly ColumnCondition[]
  /** First key (inclusive); only without `index`. */
  readonly fromKey?: string
  /** Last key (exclusive); only without `index`. */
  readonly toKey?: string
  /** Continue after this row (exclusive), the last one that the same query returned before. */
  readonly after?: { readonly key: string; readonly column?: ColumnValue }
  /** Read in descending order. Default: false. */
  readonly reverse?: boolean
  /** The most rows returned; at least 1. */
  readonly limit: number
}

/** A fact to append. */
export interface NewFact {
  readonly type: string
  readonly version: number
  /** The data as JSON text. */
  readonly data: string
  readonly occurredAt: number
  /** When it was appended. The store may raise it; see `Store`. */
  readonly recordedAt: number
  readonly correlationId: string
  readonly causationId: string
  readonly causedBy: string
  readonly principal: string | null
  /** The tenant of that principal; `null` if it has none. */
  readonly tenant: string | null
}

/** A stored fact. Read its members by their names: a store may get some of them only when they are asked for. */
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
  /** The version that the stream must have now; 0 if it must not exist. */
  readonly expectedVersion: number
  /** May be empty: then only the stream's version is checked. */
  readonly facts: readonly NewFact[]
}

/** One unit of work. */
export interface CommitUnit {
  readonly checks: readonly RowCheck[]
  readonly rows: readonly RowWrite[]
  readonly appends: readonly Append[]
  /** Events for the event log, in order. Their `source` is the store's service. */
  readonly events: readonly EventRecord[]
  /** The position at which the history of facts must end; used to switch read models. */
  readonly factsHead?: Position
}

/** A reason why a commit failed. */
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
      /** The revision that all rows of the unit now have. */
      readonly revision: number
      /** The position of the unit's last event, or of the event log's last event if the unit published none. */
      readonly eventLogHead: Position
      /** The position of the unit's last fact, or of the store's last fact if the unit appended none. */
      readonly factsHead: Position
    }
  | { readonly committed: false; readonly conflicts: readonly CommitConflict[] }

/** A page of an event log. */
export interface EventLogPage {
  /** The store's epoch; `undefined` if the source has no store yet. */
  readonly epoch: string | undefined
  /** The events that match the request, in the order of their positions. */
  readonly events: readonly LoggedEvent[]
  /**
   * The position up to which the page has looked at every event, matching or not; continue reading after it.
   * Equals the request's `after` if there was nothing.
   */
  readonly next: Position
  /** The position of the last committed event when the page was read. */
  readonly head: Position
  /** Which events are at the edges of the page, read together with it; only if the request asks for them. */
  readonly edges?: PageEdges | undefined
}

/** The ids of the events at the edges of a page. A reader that knows them notices that a history was replaced behind its position. */
export interface PageEdges {
  /** The id of the event at the request's `after`; `''` if there is none. */
  readonly after: string
  /** The id of the event at the page's `next`; `''` if there is none. */
  readonly next: string
}

/** Which page of an event log to read. */
export interface EventLogRequest {
  /** Read after this position. */
  readonly after: Position
  /** The most events to look at or return; at least 1. */
  readonly limit: number
  /** Only events of these types. Default: all types. */
  readonly types?: readonly string[]
  /** Only events whose key has one of these slots (`slotOfKey`). Default: all slots. */
  readonly slots?: SlotRange
  /** Whether the page names the events at its edges, of whatever type and slot. Default: false. */
  readonly edges?: boolean
  /**
   * Whether the reader only looks if there is news, although nothing has told it so. A broker may then answer from what it has learned within the last
   * second, so that a process with many subscriptions asks once for all of them. Default: false.
   */
  readonly isLook?: boolean
}

/** Which events of an event log to find; every given part must match. */
export interface EventLogSearch {
  readonly id?: string
  readonly correlationId?: string
  readonly causationId?: string
  readonly type?: string
  readonly key?: string
  /** The most events to return, newest first. */
  readonly limit: number
}

/** Which facts to read, in the order they were committed. */
export interface FactsRequest {
  readonly after: Position
  readonly limit: number
  /** Only facts of these categories. Default: all categories. */
  readonly categories?: readonly string[]
}

/** A page of the history of facts. */
export interface FactsPage {
  readonly facts: readonly StoredFact[]
  /** The position up to which the page has looked at every fact, matching or not; continue reading after it. */
  readonly next: Position
  /** The position of the last committed fact when the page was read. */
  readonly head: Position
}

/** What a store can do beyond the minimum of the port. */
export interface StoreCapabilities {
  /** Whether plain SQL works. If false, `sql` throws `SQL_UNSUPPORTED`. */
  readonly sql: boolean
  /** Whether the state outlives the process. */
  readonly durable: boolean
  /**
   * How many may write the store of a service at once. With `one`, a second writer is refused with `STORE_LOCKED`. With `many`, each engine may open it
   * once, and what one commits, all others see; the store then has `noteChanges` and `readChanges`.
   */
  readonly writers: 'one' | 'many'
}

/** An earlier epoch of a restored store. */
export interface EarlierEpoch {
  readonly epoch: string
  /** The last position of that epoch that the store still has. */
  readonly upTo: Position
}

/**
 * The store of one service.
 *
 * Atomicity: a commit's rows, facts and events become visible together or not at all, to this and every other reader.
 * Ordering: positions of the event log and of facts are given in the order of commit; a reader that has seen a position never later sees a
 *   smaller one appear. Facts of one stream have the versions 1, 2, 3, … without gaps. Where there are many writers, `recordedAt` never falls along
 *   the positions of events, nor along those of facts: the commit raises one that is lower than that of the position before to that one, and no other.
 * Concurrency: if a check, an expected version or the head of facts does not hold, a commit fails with its conflicts and has no effect.
 *   Concurrent commits may share one transaction; each still succeeds or fails on its own. All of this holds across writers, where there are many.
 * Failure: a commit that rejects has no effect, except with `STORE_UNAVAILABLE`: then its outcome may be unknown. Reads throw
 *   `STORE_UNAVAILABLE`. Where a store has one writer, a second one is refused with `STORE_LOCKED`.
 * Idempotence: none; the runtime adds it with rows in the same commit.
 * Close: waits for commits under way; afterwards every call throws `CLOSED`; closing twice is no error. Other writers go on.
 */
export interface Store {
  readonly service: string
  /** The id of the store's lifetime: new when the store is created, and after each restore from a backup. */
  readonly epoch: string
  /** The epochs before a restore, oldest first. */
  readonly earlierEpochs: readonly EarlierEpoch[]
  readonly capabilities: StoreCapabilities

  /**
   * The time by the store's own clock, in milliseconds since 1970: the same for all who write the store, however wrong the clocks of their machines are.
   * A store with one writer may use the clock of its environment.
   */
  now(): Awaitable<number>

  /**
   * Creates a table, or changes its indexes and their types to the layout; the values of an index that stays are kept. Does nothing if the table has the
   * layout already. Call it for each table after the store was opened: a table that never had a row may be gone then.
   */
  ensureTable(layout: TableLayout): Awaitable<void>
  /** Deletes a table with its rows; no error if there is none. */
  dropTable(name: string): Awaitable<void>
  /** The names of all tables. */
  tableNames(): Awaitable<readonly string[]>

  /** The row with a key, or `undefined`. */
  get(table: string, key: string): Awaitable<StoredRow | undefined>
  /** The rows with several keys, in the order of `keys`. */
  getMany(table: string, keys: readonly string[]): Awaitable<readonly (StoredRow | undefined)[]>
  /** Rows by key range or index. */
  find(query: RowQuery): Awaitable<readonly StoredRow[]>
  /** The number of rows of a table. */
  count(table: string): Awaitable<number>

  /**
   * Notes every change of some tables from now on, by whichever writer, deletions too, until the tables are dropped; tables that were named before stay. When
   * this resolves, each commit that a later read does not show yet is noted. Tables of which nobody has asked this cost nothing.
   *
   * A store has this and `readChanges` exactly if it has many writers.
   */
  noteChanges?(toNote: ChangesToNote): Awaitable<void>
  /**
   * A page of the changes that were noted. Whoever has seen a revision as `next` never later sees a smaller one appear. Whole commits are kept, the newest
   * ones that together have at most `countMax` changes, and at most twice as many.
   */
  readChanges?(request: RowChangesRequest): Awaitable<RowChangesPage>

  /** The version of a stream; 0 if it does not exist. */
  streamVersion(category: string, stream: string): Awaitable<number>
  /** Facts of a stream after a version, oldest first. */
  readStream(category: string, stream: string, afterVersion: number, limit: number): Awaitable<readonly StoredFact[]>
  /**
   * Renames a category: its streams have all their facts, versions and positions under the new name, or, if the call rejects, under the old one. Does
   * nothing if there is no stream of the old name. The caller makes sure that there is none of the new name.
   */
  renameCategory(was: string, category: string): Awaitable<void>
  /** Facts of all streams, in the order of commit. */
  readFacts(request: FactsRequest): Awaitable<FactsPage>

  /** A page of the service's own event log. */
  readEventLog(request: EventLogRequest): Awaitable<EventLogPage>
  /** Events of the service's own event log by id, correlation, cause, type or key. */
  searchEventLog(search: EventLogSearch): Awaitable<readonly LoggedEvent[]>

  /** Commits one unit of work. */
  commit(unit: CommitUnit): Promise<CommitResult>

  /**
   * Runs one read-only SQL statement; throws `SQL_UNSUPPORTED` or `SQL_REFUSED`. A `?` outside of texts, quoted names and comments is the next parameter,
   * which has the type of its value: a whole number is whole in a division, too.
   *
   * Get a table's name from `tableIdentifier`; its columns are `key`, `doc` (JSON text) and the indexed fields, whose type is known if the layout names it.
   * Numbers are returned as numbers, and whole ones that a number does not hold are refused; true and false are returned as 1 and 0. Texts are compared and
   * sorted by their UTF-8 bytes, and `LIKE` tells upper from lower case.
   */
  sql(text: string, parameters: readonly ColumnValue[]): Awaitable<readonly Readonly<Record<string, unknown>>[]>
  /** The quoted SQL identifier of a table; throws `SQL_UNSUPPORTED`. */
  tableIdentifier(table: string): string
  /** How the engine writes what engines write in different ways. A store has it exactly if its capability `sql` is true. */
  readonly sqlExpressions?: SqlExpressions

  close(): Promise<void>
}
