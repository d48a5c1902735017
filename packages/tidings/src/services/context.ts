// The contexts that your functions receive: everything they may do. Types only.
// Invariant: writes are buffered and take effect together after the function has returned, or not at all.

import type {
  Caller,
  CommandContract,
  CommandData,
  CommandInput,
  CommandOutput,
  CommandReturned,
  EventContract,
  EventInput,
  EventMeta,
  Principal,
  QueryInput,
  QueryOutput,
  ReadonlyData,
  Rejection,
  TableDefinition,
} from '../contracts/index.ts'
import type { Decider, FactMeta, StateOf } from './decider.ts'
import type { Declared, DeclaredCommand, DeclaredEvent, DeclaredIn, DeclaredQuery } from './declared-use.ts'
import type { FunctionComesLast } from './function-comes-last.ts'
import type { Page, PageOptions, ReplicaReaders, TableReaders, TableWriters } from './reading.ts'
import type { ReplicaDefinition } from './replica.ts'
import type { Sql } from './sql.ts'
import type { DueTimer, KeyedTimers, Requesting, Timers } from './timers.ts'

/** The types of a service's declarations. */
export interface ServiceTypes {
  readonly name: string
  /** The names of the events that it publishes. */
  readonly publishes: string
  readonly tables: Readonly<Record<string, TableDefinition>>
  readonly readModels: Readonly<Record<string, TableDefinition>>
  readonly replicas: Readonly<Record<string, ReplicaDefinition>>
  readonly timers: Timers
}

/** The types of a service, from what it declares. */
export interface ServiceOf<
  Name extends string,
  Published extends string,
  T extends Readonly<Record<string, TableDefinition>>,
  M extends Readonly<Record<string, TableDefinition>>,
  R extends Readonly<Record<string, ReplicaDefinition>>,
  D extends Timers,
> extends ServiceTypes {
  readonly name: Name
  readonly publishes: Published
  readonly tables: T
  readonly readModels: M
  readonly replicas: R
  readonly timers: D
}

/** Writes log lines that name the service and the conversation. Fields are for operators: no payloads, no personal data, no secrets. */
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
  /** The state at this moment: of all facts that occurred up to then, in the order of the stream. */
  readonly at?: Date
}

/** A fact that was read from a stream. */
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
  /**
   * The facts of a stream, oldest first, upcast to their latest versions. With `limit`, up to 10,000, the first ones; without it all, and
   * `TOO_MANY_ROWS` if they are more than 10,000.
   */
  read(
    decider: Decider,
    key: string,
    options?: { readonly afterVersion?: number; readonly limit?: number },
  ): Promise<readonly ReadFact[]>
  /** One page of the facts of a stream, oldest first, and where the next one begins. Throws `INVALID_PAGE` if `after` is of another reading. */
  page(decider: Decider, key: string, options?: Pick<PageOptions, 'size' | 'after'>): Promise<Page<ReadFact>>
}

/** The part of the context that every function receives. */
export interface BaseContext {
  /** Writes log lines that name the service and the conversation. Keep personal data out of them. */
  readonly log: Log
  /** Who caused this, as `authorize` of the HTTP API said; `null` if unknown. */
  readonly principal: Principal | null
  /** The id of the conversation. */
  readonly correlationId: string
}

/** Publishes events of the declared contracts. */
export interface Publishing<P extends EventContract> {
  /** Publishes an event after the function has succeeded; throws `INVALID_PAYLOAD` or `NOT_DECLARED`. */
  publish<E extends DeclaredEvent<P['name']>>(
    contract: E,
    data: ReadonlyData<EventInput<E>>,
    options?: { readonly occurredAt?: Date },
  ): void
  /** Publishes that the entity with a key was deleted (state transfer): replicas delete its row and keep its version. */
  retract<E extends DeclaredEvent<P['name']>>(contract: E, key: string, options?: { readonly occurredAt?: Date }): void
}

/** The context of functions that change something. */
export interface WorkContext<S extends ServiceTypes, O extends Declared>
  extends BaseContext,
    Publishing<DeclaredIn<O, 'publishes'>>,
    Requesting<DeclaredIn<O, 'requests'>> {
  /** The service's own tables, by their names: `tables.orders.put(…)`. What is written is committed when the function returns. */
  readonly tables: TableWriters<S['tables']>
  /** The rows that projections keep, as they are now; they may be a moment behind. */
  readonly readModels: TableReaders<S['readModels']>
  /** Copies of other services' entities, as they have arrived so far. */
  readonly replicas: ReplicaReaders<S['replicas']>
  /** The service's own streams: their states, now and in the past, and their facts. */
  readonly streams: StreamReader
  /** Sets and cancels the service's timers. */
  readonly timers: KeyedTimers<S['timers']>
  /** When the input occurred: the event's time, the timer's due time, or the command's time (set by the caller; if not, when it was received). */
  readonly occurredAt: Date
  /** The current time. Where several instances of the service share a store, it is that of the store, on whatever machine the function runs. */
  now(): Date
  /** A new id. */
  newId(): string
  /** A number from 0 (inclusive) to 1 (exclusive). */
  random(): number
  /**
   * Runs a command of this service in the same unit of work; throws `NOT_DECLARED` if `executes` does not list it. Await it: a function that
   * returns without having awaited it fails with `NOT_AWAITED`.
   */
  execute<C extends DeclaredCommand<DeclaredIn<O, 'executes'>['name']>>(
    command: C,
    input: ReadonlyData<CommandInput<C>>,
    options?: { readonly occurredAt?: Date },
  ): Promise<CommandOutput<C> | Rejection>
}

/** The context of a command's handler. */
export interface CommandContext<S extends ServiceTypes, O extends Declared> extends WorkContext<S, O> {
  /** The command's id; it becomes the `causationId` of published events. */
  readonly commandId: string
  /** Who sent the command, with roles and claims; `null` if unknown. */
  readonly principal: Caller | null
}

/** The context of an event's handler. */
export interface HandlerContext<S extends ServiceTypes, O extends Declared> extends WorkContext<S, O> {
  /** The event that is handled: id, key, type, source, times, who caused it. */
  readonly event: EventMeta
  /** 1 for the first attempt. */
  readonly attempt: number
  /**
   * Asks the owner of the event for details. The answer is never older than the event; it is `undefined` if the owner has nothing to answer.
   * If the owner is unavailable, the subscription pauses and the handler runs again later.
   */
  lookup<Q extends DeclaredQuery<DeclaredIn<O, 'lookups'>['name']>>(
    query: Q,
    input: ReadonlyData<QueryInput<Q>>,
  ): Promise<QueryOutput<Q> | undefined>
}

/** The context of a function that handles a timer. */
export interface TimerContext<S extends ServiceTypes, O extends Declared> extends WorkContext<S, O> {
  /** The timer that came due. */
  readonly timer: DueTimer
}

/** The context of `perform`: it may use the outside world, but not the store. */
export interface PerformContext extends BaseContext {
  /** The same for every attempt: pass it to the other system, so that it recognises a repetition. */
  readonly idempotencyKey: string
  /** 1 for the first attempt. */
  readonly attempt: number
  /** Aborts after `timeoutMs`, or when the service closes, or when this instance of it loses the effect to another. */
  readonly signal: AbortSignal
  /** The `occurredAt` of the function that requested the effect. */
  readonly occurredAt: Date
  /**
   * The trace context of this effect as W3C headers, to send with the request: `traceparent`, and `tracestate` if there is one. Empty
   * without tracing.
   */
  readonly traceHeaders: Readonly<Record<string, string>>
}

/** The context of `outcome`. */
export interface OutcomeContext<S extends ServiceTypes, O extends Declared, Data> extends WorkContext<S, O> {
  /** The input of the request. */
  readonly input: Data
  /** The key under which the effect was performed: the same at every attempt. */
  readonly idempotencyKey: string
  /** The attempt that succeeded; 1 for the first. */
  readonly attempt: number
}

/** The context of a query's handler. */
export interface QueryContext<S extends ServiceTypes> extends BaseContext {
  /** The service's own tables, to read. */
  readonly tables: TableReaders<S['tables']>
  /** The rows that projections keep. */
  readonly readModels: TableReaders<S['readModels']>
  /** Copies of other services' entities. */
  readonly replicas: ReplicaReaders<S['replicas']>
  /** The service's own streams: their states, now and in the past, and their facts. */
  readonly streams: StreamReader
  /** Plain SQL over tables, read models and replicas, read only, on an engine that knows SQL. */
  readonly sql: Sql<S['tables'] & S['readModels'] & S['replicas']>
  /** Who asks, with roles and claims; `null` if unknown. */
  readonly principal: Caller | null
  /** The current time. Where several instances of the service share a store, it is that of the store, on whatever machine the function runs. */
  now(): Date
}

/** The context of a projection for an event. */
export interface ProjectionContext<T extends Readonly<Record<string, TableDefinition>>> {
  /** The read models that it writes, by their names. */
  readonly tables: TableWriters<T>
  /** The event that is handled: id, key, type, source, times, who caused it. */
  readonly event: EventMeta
}

/** The context of a projection for a fact. */
export interface FactProjectionContext<T extends Readonly<Record<string, TableDefinition>>> {
  /** The read models that it writes, by their names. */
  readonly tables: TableWriters<T>
  /** Where the fact stands: its stream, its version, its times, who caused it. */
  readonly fact: FactMeta
}

/** What a command's handler returns: the output, if the command has one, or a rejection. `_Rule` is a sentence for the compiler to show. */
export type CommandAnswer<_Rule extends string, Returned> =
  | ReadonlyData<Returned>
  | Rejection
  | (undefined extends Returned ? void : never)

/** What the compiler shows of a command whose function returns something else, or nothing. */
export type ReturnRule<C extends CommandContract> =
  undefined extends CommandReturned<C>
    ? `command ${C['name']} has no output`
    : `command ${C['name']} has an output: return it`

/** A command's handler. */
export interface CommandRun<C extends CommandContract, S extends ServiceTypes, O extends Declared>
  extends FunctionComesLast<'publishes' | 'executes' | 'requests'> {
  (
    input: CommandData<C>,
    context: CommandContext<S, O>,
  ): CommandAnswer<ReturnRule<C>, CommandReturned<C>> | Promise<CommandAnswer<ReturnRule<C>, CommandReturned<C>>>
}
