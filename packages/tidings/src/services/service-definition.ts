// The types of a service under construction: its options, and what you declare its functions with. Types only.

import type {
  CommandContract,
  EffectContract,
  EventContract,
  EventData,
  EventInput,
  FactData,
  LiveQueryContract,
  QueryContract,
  QueryData,
  QueryReturned,
  ReadonlyData,
  TableDefinition,
  TimerData,
} from '../contracts/index.ts'
import type { CommandRun, HandlerContext, QueryContext, ServiceTypes, TimerContext } from './context.ts'
import type { Decider, FactMeta, Facts, FactsOf, StateOf } from './decider.ts'
import type {
  Announcement,
  CommandDeclaration,
  DeciderDeclaration,
  Declaration,
  EffectDeclaration,
  HandlerDeclaration,
  LiveDeclaration,
  QueryDeclaration,
  Service,
  TimerDeclaration,
} from './declarations.ts'
import type { Declared, DeclaredEvent, PublishedEvent, Uses } from './declared-use.ts'
import type { EffectHandlerOptions } from './effect-handler.ts'
import type { FunctionComesLast } from './function-comes-last.ts'
import type { CommandHandlerOptions, HandlerOptions, TimerHandlerOptions } from './handler-options.ts'
import type { Limits } from './limits.ts'
import type { LiveOptionsFor, LiveSource } from './live.ts'
import type { Process, ProcessOf, ProcessSpec } from './process-manager.ts'
import type { Projection, ProjectionOptions } from './projection.ts'
import type { ReplicaDefinition } from './replica.ts'
import type { Sql } from './sql.ts'
import type { Timers } from './timers.ts'

/** What differs from the defaults for a subscriber. */
export interface SubscriberOptions {
  /**
   * The name that it had before: it goes on where that was, with its parked events and timers. Without it, a subscriber under another name is a new
   * one. Default: it was never renamed.
   */
  readonly was?: string
  /**
   * Into how many partitions it is divided, from 1 to 64. Each handles the events of some keys, in order, and has a checkpoint, a retry queue and parked
   * events of its own, so several instances of the service share the subscriber. You may change the number while one instance runs alone. A subscriber
   * with process managers has one, because their order is that of their instances. Default: 1.
   */
  readonly partitions?: number
}

/** Options of a service. */
export interface ServiceOptions<
  P extends readonly EventContract[],
  T extends Readonly<Record<string, TableDefinition>>,
  M extends Readonly<Record<string, TableDefinition>>,
  R extends Readonly<Record<string, ReplicaDefinition>>,
  D extends Timers,
> {
  /** One sentence for the map and the catalogue. */
  readonly description?: string
  /**
   * The name that the service had before it was renamed. It takes over the store of that name when it starts, with everything in it, and other
   * services of the system go on where they were with its events. Keep it until the service has started once. Default: it was never renamed.
   */
  readonly was?: string
  /** The contracts that it owns and publishes. */
  readonly publishes?: P
  /** Its tables; commands and handlers write them. */
  readonly tables?: T
  /** Its read models; one projection writes each of them. */
  readonly readModels?: M
  /** Its local copies of other services' state. */
  readonly replicas?: R
  /** Its timers; a function declared with `due` handles each of them. */
  readonly timers?: D
  /** What differs from the defaults for some subscribers: `{ mail: { was: 'post', partitions: 4 } }`. */
  readonly subscribers?: Readonly<Record<string, SubscriberOptions>>
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>
  /**
   * How many days the answers of commands are kept under their idempotency keys, at least: a whole number. A repetition that comes later is a
   * new command. Default: they are kept for ever.
   */
  readonly idempotencyKeepDays?: number
}

/** Options of a decider in a service: which events its facts become for other services. */
export interface DeciderOptions<D extends Decider, P extends string> {
  /** The events that the mapping may publish. */
  readonly publishes?: readonly PublishedEvent<P>[]
  /**
   * For each fact to announce, a pure function that takes the fact's data and the state after it, and returns the events to publish. Other facts
   * stay private.
   */
  readonly announce?: {
    readonly [Name in keyof FactsOf<D>]?: (
      data: FactData<FactsOf<D>[Name]>,
      state: StateOf<D>,
      tools: {
        readonly event: <E extends DeclaredEvent<P>>(contract: E, data: ReadonlyData<EventInput<E>>) => Announcement
        readonly meta: FactMeta
      },
    ) => Announcement | readonly Announcement[] | undefined
  }
}

/** The names of the events that a service publishes. */
export type NamesOf<S extends ServiceTypes> = S['publishes']

/** An event's handler. */
export interface EventRun<E extends EventContract, S extends ServiceTypes, O extends Declared>
  extends FunctionComesLast<keyof HandlerOptions> {
  (data: EventData<E>, context: HandlerContext<S, O>): void | Promise<void>
}

/** A handler of retractions. */
export interface RetractionRun<S extends ServiceTypes, O extends Declared>
  extends FunctionComesLast<keyof HandlerOptions> {
  (key: string, context: HandlerContext<S, O>): void | Promise<void>
}

/** A timer's handler. */
export interface TimerRun<Name extends keyof S['timers'], S extends ServiceTypes, O extends Declared>
  extends FunctionComesLast<keyof TimerHandlerOptions> {
  (data: TimerData<S['timers'][Name]>, context: TimerContext<S, O>): void | Promise<void>
}

/** The `sql` of a service's queries, `SqlOf<typeof shop>`, to type functions that you declare elsewhere. */
export type SqlOf<D> = D extends ServiceDefinition<infer S> ? Sql<S['tables'] & S['readModels'] & S['replicas']> : never

/** A function that answers a query. */
export type QueryRun<Q extends QueryContract, S extends ServiceTypes> = (
  input: QueryData<Q>,
  context: QueryContext<S>,
) => ReadonlyData<QueryReturned<Q>> | undefined | Promise<ReadonlyData<QueryReturned<Q>> | undefined>

/** A service whose functions you declare next. */
// Not an interface, because an editor shows a method of an interface after the interface with all its arguments.
export type ServiceDefinition<S extends ServiceTypes> = {
  readonly name: string
  /** Handles an event. */
  on<
    E extends EventContract,
    P extends NamesOf<S> = never,
    X extends string = never,
    L extends string = never,
    R extends string = never,
  >(event: E, options: HandlerOptions<P, X, L, R>, run: EventRun<E, S, Uses<P, X, L, R>>): HandlerDeclaration<E>
  /** Handles an event, and declares nothing else. */
  on<E extends EventContract>(event: E, run: EventRun<E, S, Uses>): HandlerDeclaration<E>
  /** Handles the retraction of an entity (state transfer). */
  onRetracted<
    E extends EventContract,
    P extends NamesOf<S> = never,
    X extends string = never,
    L extends string = never,
    R extends string = never,
  >(event: E, options: HandlerOptions<P, X, L, R>, run: RetractionRun<S, Uses<P, X, L, R>>): HandlerDeclaration<E>
  /** Handles the retraction of an entity, and declares nothing else. */
  onRetracted<E extends EventContract>(event: E, run: RetractionRun<S, Uses>): HandlerDeclaration<E>
  /** Handles a command that no decider handles. */
  command<C extends CommandContract, P extends NamesOf<S> = never, X extends string = never, R extends string = never>(
    command: C,
    options: CommandHandlerOptions<P, X, R>,
    run: CommandRun<C, S, Uses<P, X, never, R>>,
  ): CommandDeclaration<C>
  /** Handles a command that no decider handles, and declares nothing else. */
  command<C extends CommandContract>(command: C, run: CommandRun<C, S, Uses>): CommandDeclaration<C>
  /**
   * Answers a query: `shop.query(OrderTotal, async ({ orderId }, { tables }) => …)`. `undefined` means that there is nothing to answer with: it is
   * gone or never existed. It reads the service's own tables, read models, replicas and streams, and publishes and writes nothing.
   */
  query<Q extends QueryContract>(query: Q, run: QueryRun<Q, S>): QueryDeclaration<Q>
  /** Answers a live query with rows of a table, read model or replica, and with every change; throws `INVALID_CONTRACT`. */
  live<L extends LiveQueryContract, const Name extends LiveSource<S>>(
    live: L,
    options: { readonly of: Name } & LiveOptionsFor<S, L, Name>,
  ): LiveDeclaration<L>
  /** Handles a decider's commands and stores its facts in streams. */
  decider<D extends Decider, P extends NamesOf<S> = never>(
    decider: D,
    options?: DeciderOptions<D, P>,
  ): DeciderDeclaration<D>
  /**
   * Declares a projection, which keeps read models from events and facts: `.on(event, run)`, `.onRetracted(event, run)`,
   * `.onFact(decider, fact, run)`. A rebuild runs it again from the beginning, so it publishes, requests and looks up nothing.
   */
  projection<Name extends keyof S['readModels'] & string>(
    name: string,
    options: ProjectionOptions<Name>,
  ): Projection<Pick<S['readModels'], Name>>
  /** Handles one of the service's timers when it comes due. */
  due<
    Name extends keyof S['timers'] & string,
    P extends NamesOf<S> = never,
    X extends string = never,
    R extends string = never,
  >(timer: Name, options: TimerHandlerOptions<P, X, R>, run: TimerRun<Name, S, Uses<P, X, never, R>>): TimerDeclaration
  /** Handles one of the service's timers, and declares nothing else. */
  due<Name extends keyof S['timers'] & string>(timer: Name, run: TimerRun<Name, S, Uses>): TimerDeclaration
  /** Performs an effect, after the unit of work that requested it was committed. */
  effect<E extends EffectContract, P extends NamesOf<S> = never, X extends string = never, R extends string = never>(
    effect: E,
    options: EffectHandlerOptions<E, S, P, X, R>,
  ): EffectDeclaration<E>
  /** Declares a process manager; continue with `.starts`, `.on` and `.due`. */
  process<
    const F extends Facts,
    State,
    T extends Timers = Record<never, never>,
    P extends NamesOf<S> = never,
    X extends string = never,
    L extends string = never,
    R extends string = never,
  >(name: string, spec: ProcessSpec<F, State, T, P, X, L, R>): Process<ProcessOf<F, State, T, Uses<P, X, L, R>, S>>
  /**
   * Completes the service with its functions: `shipping.with({ dispatchParcel, … })`. The name of a handler is its key here, in kebab-case.
   *
   * Throws `INVALID_CONTRACT`, `DUPLICATE_NAME`, `NOT_OWNED` or `NOT_DECLARED` if the parts do not fit together.
   */
  with<const Parts extends Readonly<Record<string, Declaration>>>(
    parts: Parts,
  ): Service<{ definition: S; parts: Parts }>
}
