// Reads and writes of tables, read models and replicas, as functions receive them. Types only.
// Invariant: a read by a field without an index does not compile, and the compiler's message says what to add.

import type {
  EventData,
  IndexOf,
  ReadonlyData,
  RowInput,
  RowOf,
  TableDefinition,
  TableNameOf,
} from '../contracts/index.ts'
import type { AddIndex, AddIndexOf, IndexName, NotAnIndex } from './index-name.ts'
import type { ReplicaDefinition } from './replica.ts'

/** Which part of a table `find` and `list` read. */
export interface ReadOptions {
  /**
   * The most rows to return, up to 10,000: you get the first ones. Default: all rows; if they are more than 10,000, the read throws
   * `TOO_MANY_ROWS`, and you read them with `page`.
   */
  readonly limit?: number
  /** Continue after the row with this key, the last one that the same read returned before. */
  readonly after?: string
  /** Read in descending order. Default: false. */
  readonly reverse?: boolean
}

/** Values of indexed fields of a table; `null` stands for a row without the field. For a field without an index, the compiler shows what to add. */
export type Where<Row, Index extends string, Table extends string = string> = {
  readonly [Field in Index]?: (Field extends keyof Row ? Row[Field] : string | number | boolean) | null | undefined
} & {
  readonly [Field in WithoutIndex<Row, Index>]?: NotAnIndex<Index, AddIndexOf<Table, Field>>
}

type WithoutIndex<Row, Index extends string> = string extends keyof Row | Index
  ? never
  : Exclude<keyof Row & string, Index>

/** Which page to read. */
export interface PageOptions<Row = unknown, Index extends string = string, Table extends string = string> {
  /** Only rows whose indexed fields have all of these values. Default: all rows. */
  readonly where?: Where<Row, Index, Table>
  /**
   * Only rows whose key, or a text or number anywhere in them, contains this text, whatever the case. A page looks at up to 10,000 rows: it may
   * have fewer rows than `size`, or none, and still a `next`. Default: all rows.
   */
  readonly search?: string | undefined
  /** The indexed field that decides the order; rows with the same value come in the order of their keys. Default: the order of keys. */
  readonly sort?: IndexName<Index, AddIndex<Table>> | undefined
  /** Read in descending order. Default: false. */
  readonly reverse?: boolean | undefined
  /** The most rows of the page, from 1 to 10,000. Default: 100. */
  readonly size?: number | undefined
  /** The `next` of the page before. It is accepted only with the same `where`, `search`, `sort` and `reverse`. Default: the first page. */
  readonly after?: string | undefined
}

/** A page of rows. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /**
   * Where the next page begins: pass it as `after`, now or later. `undefined`: there are no more rows. It is safe in a URL; whoever has it can
   * read the key and the sorted value of the last row from it.
   */
  readonly next: string | undefined
}

/**
 * Reads a table. The commit of the function checks that the rows it got from its own tables are unchanged. No commit checks that there are
 * still no others: two functions at once may both find nothing, and both write. For a value that may occur once, declare `.unique` on the
 * table.
 */
export type TableReader<Row, Index extends string = string, Table extends string = string> = {
  /** The row with a key, or `undefined`. */
  get(key: string): Promise<Row | undefined>
  /** The rows with several keys, in the order of `keys`. */
  getMany(keys: readonly string[]): Promise<readonly (Row | undefined)[]>
  /** All rows whose indexed field has a value, in the order of their keys; throws `TOO_MANY_ROWS`. */
  find(
    index: IndexName<Index, AddIndex<Table>>,
    value: string | number | boolean,
    options?: ReadOptions,
  ): Promise<readonly Row[]>
  /** All rows in the order of their keys; throws `TOO_MANY_ROWS`. */
  list(options?: ReadOptions): Promise<readonly Row[]>
  /**
   * One page of rows, and where the next one begins. Going from page to page gives each row that is there all the time exactly once, whatever
   * is written meanwhile, unless its sorted value changes. Throws `INVALID_PAGE` if `after` is not a `next` of the same reading.
   */
  page(options?: PageOptions<Row, Index, Table>): Promise<Page<Row>>
}

/** Reads and writes a table. Later reads of the same function see its writes. */
export type TableWriter<Row, Input = Row, Index extends string = string, Table extends string = string> = TableReader<
  Row,
  Index,
  Table
> & {
  /** Writes a row under the key from the table's definition; throws `INVALID_PAYLOAD`. */
  put(row: ReadonlyData<Input>): void
  /** Deletes a row; no error if there is none. */
  remove(key: string): void
}

/** Reads a replica. */
export type ReplicaReader<State, Index extends string = string, Replica extends string = string> = TableReader<
  State,
  Index,
  Replica
> & {
  /**
   * The state of a key that the function needs. If it is missing, `require` waits up to `requireTimeoutMs` and then throws
   * `REPLICA_ROW_MISSING`: the event waits, blocks only its own key, and is retried when the row may have arrived.
   */
  require(key: string): Promise<State>
}

/** Reads of a service's tables, by name. */
export type TableReaders<T extends Readonly<Record<string, TableDefinition>>> = {
  readonly [Name in keyof T]: TableReader<RowOf<T[Name]>, IndexOf<T[Name]>, TableNameOf<T[Name]>>
}

/** Writes of a service's tables, by name. */
export type TableWriters<T extends Readonly<Record<string, TableDefinition>>> = {
  readonly [Name in keyof T]: TableWriter<RowOf<T[Name]>, RowInput<T[Name]>, IndexOf<T[Name]>, TableNameOf<T[Name]>>
}

/** Reads of a service's replicas, by name. */
export type ReplicaReaders<R extends Readonly<Record<string, ReplicaDefinition>>> = {
  readonly [Name in keyof R]: ReplicaReader<
    EventData<R[Name]['of']>,
    R[Name]['indexes'][number],
    `replica ${Name & string}`
  >
}
