// What user code is given: everything it may do, and nothing else. Types only.
// Invariant: writes are buffered and take effect together when the function has returned, or not at all.

import type {
  CommandContract,
  CommandData,
  CommandInput,
  CommandOutput,
  EffectContract,
  EventContract,
  EventData,
  EventInput,
  EventMeta,
  IndexOf,
  QueryContract,
  QueryInput,
  QueryOutput,
  Rejection,
  RowInput,
  RowOf,
  TableDefinition,
} from '../contracts/index.ts'
import type { Decider, FactMeta, StateOf } from './decider.ts'
import type { ReplicaDefinition } from './replica.ts'
import type { DueTimer, KeyedTimers, Requesting, Timers } from './timers.ts'

/** What a service declares about itself. */
export interface ServiceTypes {
  readonly publishes: EventContract
  readonly tables: Readonly<Record<string, TableDefinition>>
  readonly readModels: Readonly<Record<string, TableDefinition>>
  readonly replicas: Readonly<Record<string, ReplicaDefinition>>
  readonly timers: Timers
}

/** How much of a table to read. */
export interface ReadOptions {
  /** The most rows given. Default: 100; at most 10,000. */
  readonly limit?: number
  /** Go on after the row of this key, which the same read gave before. */
  readonly after?: string
  /** Backwards. Default: false. */
  readonly reverse?: boolean
}

/** Reads a table. */
export interface TableReader<Row, Index extends string = string> {
  /** The row of a key, or `undefined`. */
  get(key: string): Promise<Row | undefined>
  /** The rows of several keys, in the order asked for. */
  getMany(keys: readonly string[]): Promise<readonly (Row | undefined)[]>
  /** Rows whose indexed field has a value, in the order of their keys. */
  find(index: Index, value: string | number | boolean, options?: ReadOptions): Promise<readonly Row[]>
  /** Rows in the order of their keys. */
  list(options?: ReadOptions): Promise<readonly Row[]>
}

/** Reads and writes a table. Writes are seen by later reads of the same function. */
export interface TableWriter<Row, Input = Row, Index extends string = string> extends TableReader<Row, Index> {
  /** Writes a row under the key its definition gives; throws `INVALID_PAYLOAD`. */
  put(row: Input): void
  /** Deletes a row; no error where there is none. */
  remove(key: string): void
}

/** Reads a replica. */
export interface ReplicaReader<State, Index extends string = string> extends TableReader<State, Index> {
  /**
   * The state of a key that has to be there: waits for it, bounded by `requireTimeoutMs`; then throws `REPLICA_ROW_MISSING`, upon which
   * the event waits (its key only) and is tried again when the row may have come.
   */
  require(key: string): Promise<State>
}

/** Reads of a service's tables, by name. */
export type TableReaders<T extends Readonly<Record<string, TableDefinition>>> = {
  readonly [Name in keyof T]: TableReader<RowOf<T[Name]>, IndexOf<T[Name]>>
}

/** Writes of a service's tables, by name. */
export type TableWriters<T extends Readonly<Record<string, TableDefinition>>> = {
  readonly [Name in keyof T]: TableWriter<RowOf<T[Name]>, RowInput<T[Name]>, IndexOf<T[Name]>>
}

/** Reads of a service's replicas, by name. */
export type ReplicaReaders<R extends Readonly<Record<string, ReplicaDefinition>>> = {
  readonly [Name in keyof R]: ReplicaReader<EventData<R[Name]['of']>>
}

/** Log lines that bear the service and the conversation. Fields are for operators: no payloads, no personal data, no secrets. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Which state of a stream to load. */
export interface PastState {
  /** The state after this version. */
  readonly version?: number
  /** The state at this moment (facts that occurred up to then, in the order of the stream). */
  readonly at?: Date
}

/** A fact as read from a stream. */
export interface ReadFact {
  readonly type: string
  readonly data: unknown
  readonly meta: FactMeta
}

/** Reads of a service's own streams. */
export interface StreamReader {
  /** The state of a stream, now or in the past. */
  load<D extends Decider>(
    decider: D,
    key: string,
    past?: PastState,
  ): Promise<{ readonly state: StateOf<D>; readonly version: number }>
  /** The facts of a stream, oldest first, upcast to their latest versions; at most 10,000 at a time. */
  read(
    decider: Decider,
    key: string,
    options?: { readonly afterVersion?: number; readonly limit?: number },
  ): Promise<readonly ReadFact[]>
}

/** A SQL statement that another library has built (kysely's `compile()`). */
export interface CompiledSql {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Asks tables and read models with plain SQL; read only. */
export interface Sql {
  /**
   * A SELECT with tables and values put in safely: `` sql`SELECT status, count(*) AS n FROM ${'orders'} …` `` takes table names from
   * `sql.table('orders')`; every other value becomes a bound parameter.
   */
  <Row = Readonly<Record<string, unknown>>>(
    text: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Promise<readonly Row[]>
  /** Names a table, read model or replica of the service. Its columns: `key`, `doc` (JSON text), and its indexed fields. */
  table(name: string): SqlTable
  /** Runs a statement built elsewhere. */
  run<Row = Readonly<Record<string, unknown>>>(query: CompiledSql): Promise<readonly Row[]>
}

/** A table's place in a SQL statement. */
export interface SqlTable {
  readonly kind: 'sql-table'
  /** The quoted identifier of the generation that serves reads now. */
  readonly identifier: string
}

/** What every function is given. */
export interface BaseContext {
  readonly log: Log
  /** Who caused this, as `authorize` of the HTTP API named them. */
  readonly principal: string | null
  /** The conversation. */
  readonly correlationId: string
}

/** Publishing: only the contracts that were declared. */
export interface Publishing<P extends EventContract> {
  /** Publishes an event when the function has succeeded; throws `INVALID_PAYLOAD` or `NOT_DECLARED`. */
  publish<E extends P>(contract: E, data: EventInput<E>, options?: { readonly occurredAt?: Date }): void
  /** Says that the entity of a key is gone (state transfer): replicas drop its row and keep its version. */
  retract<E extends P>(contract: E, key: string, options?: { readonly occurredAt?: Date }): void
}

/** What a function declares that it does: the part of its options that shapes its context. */
export interface Declared {
  readonly publishes?: readonly EventContract[]
  readonly executes?: readonly CommandContract[]
  readonly lookups?: readonly QueryContract[]
  readonly requests?: readonly EffectContract[]
}

type OneOf<List> = List extends readonly (infer Item)[] ? Item : never

/** What functions that change something are given. */
export interface WorkContext<S extends ServiceTypes, O extends Declared>
  extends BaseContext,
    Publishing<Extract<OneOf<O['publishes']>, EventContract>>,
    Requesting<Extract<OneOf<O['requests']>, EffectContract>> {
  readonly tables: TableWriters<S['tables']>
  readonly readModels: TableReaders<S['readModels']>
  readonly replicas: ReplicaReaders<S['replicas']>
  readonly streams: StreamReader
  /** Sets and cancels the service's timers. */
  readonly timers: KeyedTimers<S['timers']>
  /** When it occurred: the time the command came in or says, or the event's. */
  readonly occurredAt: Date
  /** The time now. */
  now(): Date
  /** A new id. */
  newId(): string
  /** A number from 0 (inclusive) to 1 (exclusive). */
  random(): number
  /** Runs a command of this service within the same unit of work; throws `NOT_DECLARED` where `executes` does not name it. */
  execute<C extends Extract<OneOf<O['executes']>, CommandContract>>(
    command: C,
    input: CommandInput<C>,
    options?: { readonly occurredAt?: Date },
  ): Promise<CommandOutput<C> | Rejection>
}

/** What a command's handler is given. */
export interface CommandContext<S extends ServiceTypes, O extends Declared> extends WorkContext<S, O> {
  /** The command's id; events it publishes name it as their cause. */
  readonly commandId: string
}

/** What an event's handler is given. */
export interface HandlerContext<S extends ServiceTypes, O extends Declared> extends WorkContext<S, O> {
  readonly event: EventMeta
  /** 1 for the first attempt. */
  readonly attempt: number
  /**
   * Asks the owner of the event for details, never older than the event; `undefined` where what is asked for is gone.
   * The owner being unavailable pauses the subscription; the handler runs again later.
   */
  lookup<Q extends Extract<OneOf<O['lookups']>, QueryContract>>(
    query: Q,
    input: QueryInput<Q>,
  ): Promise<QueryOutput<Q> | undefined>
}

/** What a function is given that runs when a timer came due. */
export interface TimerContext<S extends ServiceTypes, O extends Declared> extends WorkContext<S, O> {
  readonly timer: DueTimer
}

/** What the function is given that performs an effect: it has the outside world, and nothing of the store. */
export interface PerformContext extends BaseContext {
  /** The same for every attempt at this effect: give it to the other side, so that a repetition is recognised. */
  readonly idempotencyKey: string
  /** 1 for the first attempt. */
  readonly attempt: number
  /** Aborts when the time is up, or when the service closes. */
  readonly signal: AbortSignal
  /** When the matter occurred that the effect was requested for. */
  readonly occurredAt: Date
}

/** What a function is given for an effect's outcome. */
export interface OutcomeContext<S extends ServiceTypes, O extends Declared, Data> extends WorkContext<S, O> {
  /** What was requested. */
  readonly input: Data
  readonly idempotencyKey: string
  /** Attempts until it was performed. */
  readonly attempt: number
}

/** What a query's handler is given. */
export interface QueryContext<S extends ServiceTypes> extends BaseContext {
  readonly tables: TableReaders<S['tables']>
  readonly readModels: TableReaders<S['readModels']>
  readonly replicas: ReplicaReaders<S['replicas']>
  readonly streams: StreamReader
  readonly sql: Sql
  now(): Date
}

/** What a projection is given for an event. */
export interface ProjectionContext<T extends Readonly<Record<string, TableDefinition>>> {
  readonly tables: TableWriters<T>
  readonly event: EventMeta
}

/** What a projection is given for a fact. */
export interface FactProjectionContext<T extends Readonly<Record<string, TableDefinition>>> {
  readonly tables: TableWriters<T>
  readonly fact: FactMeta
}

/** The answer of a command's handler. */
export type CommandAnswer<C extends CommandContract> = CommandOutput<C> | Rejection | void

/** What a command's handler is. */
export type CommandRun<C extends CommandContract, S extends ServiceTypes, O extends Declared> = (
  input: CommandData<C>,
  context: CommandContext<S, O>,
) => CommandAnswer<C> | Promise<CommandAnswer<C>>
