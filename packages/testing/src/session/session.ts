// A tracked session: a whole system in one test, its services each as if in a process of its own, with time, ids, chance and the order of
// things from one seed. Types only; `create-session.ts` makes one.

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
import type { DeliveryAccount, HeldLetter, HeldSelection, InstanceValue, Redrive, TimerValue } from 'tidings/operations'
import type { Driver, LogLine, Lookups } from 'tidings/ports'
import type { CommandOptions, QueryOptions, ServiceRuntime, ServiceStatus } from 'tidings/runtime'
import type { CrashMoment } from '../world/life.ts'
import type { PublishedEvent } from '../world/read-log.ts'
import type { EventDetails, OldEventDetails, Retracted } from './event-record.ts'
import type { GivenEffects, PerformedEffect } from './stand-in-effects.ts'

/** What a session is made of. */
export interface SessionOptions<E extends readonly EffectContract[] = readonly EffectContract[]> {
  /** The services; all are started. */
  readonly services: readonly Service[]
  /** The technology. Default: the in-memory driver. The same trace for the same seed is promised for that one only. */
  readonly driver?: Driver
  /** The seed. Default: the environment's `TIDINGS_SEED`; without it always the same for `createSession`, a new one for `inSession`. */
  readonly seed?: number
  /** The time at the start. Default: 2026-01-01T00:00:00Z. */
  readonly start?: Date
  /** Whether the seed decides how the work of services interleaves. Default: true. */
  readonly interleaved?: boolean
  /** Answers lookups to services that are not in the session. Default: they are unavailable. */
  readonly lookups?: Lookups
  /**
   * What performs effects: `[[PostImpulse, (input, { idempotencyKey, attempt }) => ({ status: 200 })]]`. Nothing outside is touched: an
   * effect that is not among them fails. `real` lets the services' own functions touch the world. Default: none.
   */
  readonly effects?: GivenEffects<E>
  /**
   * How often services look for news where no wake-up came, in milliseconds of the session's time; takes the place of their limit `pollMs`.
   * Default: 600,000, so that days pass in no time.
   */
  readonly pollMs?: number
}

/** A timer that is set. */
export interface TimerInSession extends Omit<TimerValue, 'dueAt' | 'setAt'> {
  readonly dueAt: Date
}

/** Where an instance of a process manager stands. */
export interface InstanceInSession<State> extends Omit<InstanceValue, 'value'> {
  /** What its facts have led to. */
  readonly value: State
}

/** The state of a process manager. */
export type StateOfProcess<P extends ProcessDeclaration> = P extends {
  readonly '~types'?: { readonly state: infer State }
}
  ? State
  : unknown

/** A service of a session: its name, or what bears it. */
export type ServiceName = string | { readonly name: string }

/** What a command came to. */
export type CommandResult<C extends CommandContract> = {
  readonly commandId: string
  readonly replayed: boolean
  /** Shown to a query (`after`), the answer is not older than the command. */
  readonly token: string
} & (
  | { readonly accepted: true; readonly output: CommandOutput<C> }
  | { readonly accepted: false; readonly rejection: Rejection }
)

/** A delivery of an event to a subscriber, and the event. */
export interface DeliveredEvent<E extends EventContract> extends DeliveryAccount {
  readonly event: PublishedEvent<E>
}

/** How long to wait for what. */
export interface SessionSettleOptions {
  /** The longest it may take, in the session's time. Default: one hour. */
  readonly within?: Duration
  /** Enough is also when this holds; looked at whenever something has moved. */
  readonly or?: () => boolean
}

/** A running session. */
export interface Session {
  /** The seed that plays this session again. */
  readonly seed: number
  /** What happened, in order: commits, log lines, starts and ends. The same seed gives the same lines. */
  readonly trace: readonly string[]
  /** Log lines of all services. */
  readonly log: readonly LogLine[]
  /** The session's time. */
  now(): Date

  /** Sends a command to a service's door; throws what the door throws, and `CLOSED` where the service crashes meanwhile. */
  command<C extends CommandContract>(
    service: ServiceName,
    command: C,
    input: CommandInput<C>,
    options?: CommandOptions,
  ): Promise<CommandResult<C>>
  /** Asks the query's owner; `undefined` where what is asked for is gone. */
  query<Q extends QueryContract>(
    query: Q,
    input: QueryInput<Q>,
    options?: QueryOptions,
  ): Promise<QueryOutput<Q> | undefined>
  /** Publishes an event of a service that is not in the session; throws `NOT_OWNED` where it is. */
  publish<E extends EventContract>(
    contract: E,
    data: EventInput<E> | Retracted,
    details?: EventDetails,
  ): Promise<EventRecord>
  publish<E extends EventContract>(contract: E, data: unknown, details: OldEventDetails): Promise<EventRecord>

  /**
   * Resolves when everything has settled: every subscriber has seen all there is, and nothing is tried again. Parked events do not count.
   *
   * Never sleeps: the clock goes to the next retry when nothing else can move; timers that are due later are left alone. Throws
   * `TIMED_OUT`, naming what is still at work, when that took longer than `within` of the session's time; and what `performed` throws.
   */
  settled(options?: SessionSettleOptions): Promise<void>
  /** Moves the clock on; everything on the way happens at its time. */
  advance(by: Duration): Promise<void>

  /** The events of a contract that were published, in the order of their owner's log. */
  published<E extends EventContract>(contract: E): Promise<readonly PublishedEvent<E>[]>
  /** How the running subscribers stand to the published events of a contract. */
  delivered<E extends EventContract>(contract: E): Promise<readonly DeliveredEvent<E>[]>
  /**
   * What was performed of an effect, or tried, in the order of the first attempts; throws where an effect was to be performed of which
   * the session's `effects` say nothing.
   */
  performed<E extends EffectContract>(effect: E): readonly PerformedEffect<E>[]
  /** A service's timers that are set, those of its process managers included; next due first. */
  timers(service: ServiceName): Promise<readonly TimerInSession[]>
  /** Where an instance of a process manager stands; `undefined` where it was never started. */
  instance<P extends ProcessDeclaration>(
    manager: P,
    key: string,
  ): Promise<InstanceInSession<StateOfProcess<P>> | undefined>
  /** What running services hold: parked, retrying, waiting and queued events. */
  held(selection?: HeldSelection & { readonly service?: string }): readonly HeldLetter[]
  /** Tries parked events of a service again, in order; all of them by default. */
  redrive(service: ServiceName, selection?: HeldSelection): Promise<readonly Redrive[]>
  /** Rebuilds a read model or replica beside the live one. */
  rebuild(service: ServiceName, readModel: string): Promise<void>
  /** How a service stands. */
  status(service: ServiceName): ServiceStatus
  /** The running service itself, for what the session has no word for; give its promises to `drive`. */
  runtime(service: ServiceName): ServiceRuntime
  /** The outcome of some work, with the clock moving on while the work waits for time alone. */
  drive<T>(work: Promise<T>): Promise<T>

  /** Whether a service runs. */
  runs(service: ServiceName): boolean
  /** Starts a service that was stopped or has crashed, or one that is new to the session. */
  start(service: ServiceName | Service): Promise<void>
  /** Stops a service in good order. */
  stop(service: ServiceName): Promise<void>
  /** Stops a service (where it runs) and starts it again: given a service, with that code. */
  restart(service: ServiceName | Service): Promise<void>
  /**
   * Kills a service as `kill -9` does: what it has not committed never happened. It stays down until `start` or `restart`.
   *
   * @param at - kills it around its next commit instead of now.
   */
  crash(service: ServiceName, at?: CrashMoment): Promise<void>
  /** Stops all services and closes the engine; what the driver value holds stays. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
