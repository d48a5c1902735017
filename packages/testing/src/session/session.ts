// A session: a whole system in one test, each service as if in a process of its own; one seed decides time, ids, random numbers and the order of
// events. Types only; `create-session.ts` creates one.

import type {
  CommandContract,
  CommandInput,
  CommandOutput,
  Duration,
  EffectContract,
  EventContract,
  EventInput,
  EventRecord,
  ProcessDeclaration,
  QueryContract,
  QueryInput,
  QueryOutput,
  Rejection,
  Service,
} from 'tidings'
import type {
  DeferredDelivery,
  DeferredSelection,
  DeliveryAccount,
  InstanceValue,
  Redrive,
  TimerValue,
} from 'tidings/operations'
import type { Driver, LogLine, Lookups } from 'tidings/ports'
import type { AnswerQueryOptions, HandleCommandOptions, ServiceRuntime, ServiceStatus } from 'tidings/runtime'
import type { PublishedEvent } from '../world/read-log.ts'
import type { CrashMoment } from '../world/run-lifetime.ts'
import type { SimulatedEngine } from '../world/simulated-engine.ts'
import type { EventDetails, OldEventDetails, Retracted } from './event-record.ts'
import type { GivenEffects, PerformedEffect } from './stand-in-effects.ts'

/** How a session is set up. */
export interface SessionOptions<E extends readonly EffectContract[] = readonly EffectContract[]> {
  /** The services; all of them are started. */
  readonly services: readonly Service[]
  /** The driver. Default: the in-memory one, which is the only one that promises the same trace for the same seed. */
  readonly driver?: Driver
  /** Instead of a driver: an empty engine that is removed when the session closes, such as SQLite for queries with SQL (see `engineInFolder`). */
  readonly engine?: SimulatedEngine
  /** The seed. Default: the environment variable `TIDINGS_SEED`; without it, `createSession` uses a fixed seed and `inSession` a new one. */
  readonly seed?: number
  /** The time at the start. Default: 2026-01-01T00:00:00Z. */
  readonly start?: Date
  /** Whether the seed decides how the work of services interleaves. Default: true. */
  readonly interleaved?: boolean
  /** Answers lookups to services that are not in the session. Default: they are unavailable. */
  readonly lookups?: Lookups
  /**
   * What performs effects: `[[PostImpulse, (input, { idempotencyKey, attempt }) => ({ status: 200 })]]`. An effect that is not listed fails,
   * so nothing outside is touched. `real` runs the services' own functions, with their real effects. Default: none.
   */
  readonly effects?: GivenEffects<E>
  /**
   * How often services look for events without a wake-up, in milliseconds of the session's time; replaces their limit `pollMs`.
   * Default: 600,000, so that simulated days pass quickly.
   */
  readonly pollMs?: number
}

/** A timer that is set. */
export interface TimerInSession extends Omit<TimerValue, 'dueAt' | 'setAt'> {
  readonly dueAt: Date
}

/** The value of a process manager's instance. */
export interface InstanceInSession<State> extends Omit<InstanceValue, 'value'> {
  /** Its state after all of its facts. */
  readonly value: State
}

/** The state of a process manager. */
export type StateOfProcess<P extends ProcessDeclaration> = P extends {
  readonly '~types'?: { readonly state: infer State }
}
  ? State
  : unknown

/** A service of a session: its name, or an object that has the name. */
export type ServiceName = string | { readonly name: string }

/** The answer to a command in a session. */
export type SessionCommandAnswer<C extends CommandContract> = {
  readonly commandId: string
  readonly replayed: boolean
  /** A query that gets this token as `after` sees the effects of the command. */
  readonly token: string
} & (
  | { readonly accepted: true; readonly output: CommandOutput<C> }
  | { readonly accepted: false; readonly rejection: Rejection }
)

/** A delivery of an event to a subscriber, and the event. */
export interface DeliveredEvent<E extends EventContract> extends DeliveryAccount {
  readonly event: PublishedEvent<E>
}

/** Options of `settled`. */
export interface SessionSettleOptions {
  /** The longest wait, in the session's time. Default: one hour. */
  readonly within?: Duration
  /** If it returns true, the wait ends too. It is called whenever something has changed. */
  readonly or?: () => boolean
}

/** A running session. */
export interface Session {
  /** The seed that replays this session. */
  readonly seed: number
  /** What happened, in order: commits, log lines, starts and ends. The same seed gives the same lines. */
  readonly trace: readonly string[]
  /** Log lines of all services. */
  readonly log: readonly LogLine[]
  /** The session's time. */
  now(): Date

  /** Sends a command to a service; throws what the command throws, and `CLOSED` if the service crashes meanwhile. */
  command<C extends CommandContract>(
    service: ServiceName,
    command: C,
    input: CommandInput<C>,
    options?: HandleCommandOptions,
  ): Promise<SessionCommandAnswer<C>>
  /** Asks the query's owner; `undefined` if what the query asks for is gone. */
  query<Q extends QueryContract>(
    query: Q,
    input: QueryInput<Q>,
    options?: AnswerQueryOptions,
  ): Promise<QueryOutput<Q> | undefined>
  /** Publishes an event of a service that is not in the session; throws `NOT_OWNED` if it is. */
  publish<E extends EventContract>(
    contract: E,
    data: EventInput<E> | Retracted,
    details?: EventDetails,
  ): Promise<EventRecord>
  publish<E extends EventContract>(contract: E, data: unknown, details: OldEventDetails): Promise<EventRecord>

  /**
   * Resolves when everything has settled: every subscriber has handled all events, and no retry is pending. Parked events do not count.
   *
   * Never sleeps: when nothing else can happen, the clock jumps to the next retry; timers that are due later do not fire. Throws `TIMED_OUT`,
   * naming what is still busy, if it takes longer than `within` of the session's time; and what `performed` throws.
   */
  settled(options?: SessionSettleOptions): Promise<void>
  /** Advances the clock; everything that comes due happens at its time. */
  advance(by: Duration): Promise<void>

  /** The events of a contract that were published, in the order of their owner's log. */
  published<E extends EventContract>(contract: E): Promise<readonly PublishedEvent<E>[]>
  /** The deliveries of a contract's published events to the running subscribers. */
  delivered<E extends EventContract>(contract: E): Promise<readonly DeliveredEvent<E>[]>
  /**
   * The performed and attempted requests of an effect, in the order of the first attempts; throws if a service wanted to perform an effect
   * that the session's `effects` do not list.
   */
  performed<E extends EffectContract>(effect: E): readonly PerformedEffect<E>[]
  /** A service's timers that are set, those of its process managers included; next due first. */
  timers(service: ServiceName): Promise<readonly TimerInSession[]>
  /** The value of a process manager's instance; `undefined` if it was never started. */
  instance<P extends ProcessDeclaration>(
    manager: P,
    key: string,
  ): Promise<InstanceInSession<StateOfProcess<P>> | undefined>
  /** The deferred events of running services: retrying, waiting, blocked and parked. */
  deferred(selection?: DeferredSelection & { readonly service?: string }): readonly DeferredDelivery[]
  /** Tries parked events of a service again, in order; all of them by default. */
  redrive(service: ServiceName, selection?: DeferredSelection): Promise<readonly Redrive[]>
  /** Rebuilds a read model or replica beside the live one. */
  rebuild(service: ServiceName, readModel: string): Promise<void>
  /** The status of a service. */
  status(service: ServiceName): ServiceStatus
  /** The runtime of a running service, for what the session does not offer; pass its promises to `drive`. */
  runtime(service: ServiceName): ServiceRuntime
  /** The result of a promise; the clock advances while the promise waits for nothing but time. */
  drive<T>(work: Promise<T>): Promise<T>

  /** Whether a service runs. */
  runs(service: ServiceName): boolean
  /** Starts a service that was stopped or crashed, or a new one. */
  start(service: ServiceName | Service): Promise<void>
  /** Stops a service gracefully. */
  stop(service: ServiceName): Promise<void>
  /** Stops a service, if it runs, and starts it again; a service that is passed is started with its code. */
  restart(service: ServiceName | Service): Promise<void>
  /**
   * Kills a service as `kill -9` does: what it has not committed is lost. It stays down until `start` or `restart`.
   *
   * @param at - kills it around its next commit instead of now.
   */
  crash(service: ServiceName, at?: CrashMoment): Promise<void>
  /** Stops all services and closes the engine. The data in the driver value stay. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
