// The parts of a service as plain data; nothing here runs.

import type {
  CommandContract,
  EffectContract,
  EventContract,
  EventMeta,
  LiveQueryContract,
  QueryContract,
  TableDefinition,
  TimerDefinition,
} from '../contracts/index.ts'
import type { ServiceTypes } from './context.ts'
import type { Decider, FactMeta } from './decider.ts'
import type { Limits } from './limits.ts'
import type { ReplicaDefinition } from './replica.ts'
import type { Timers } from './timers.ts'

/** Where a subscriber or handler starts: at the beginning of history, or with the next event that is published. */
export type StartFrom = 'beginning' | 'now'

/** A function that handles an event. */
export interface HandlerDeclaration<E extends EventContract = EventContract> {
  readonly kind: 'handler'
  readonly service: string
  readonly event: E
  /** Runs for published events, or for retractions of an entity (state transfer). */
  readonly when: 'published' | 'retracted'
  readonly subscriber: string
  readonly publishes: readonly EventContract[]
  readonly lookups: readonly QueryContract[]
  readonly executes: readonly CommandContract[]
  readonly requests: readonly EffectContract[]
  readonly from: StartFrom | undefined
  /** The name that it had before. */
  readonly was: string | undefined
  /** Requests effects only for events that were recorded at or after this moment; `now`: since the handler first ran. */
  readonly effectsFrom: Date | 'now' | undefined
  readonly description: string | undefined
  run(data: unknown, context: unknown): unknown
}

/** A function that handles a command. */
export interface CommandDeclaration<C extends CommandContract = CommandContract> {
  readonly kind: 'command-handler'
  readonly service: string
  readonly command: C
  readonly publishes: readonly EventContract[]
  readonly executes: readonly CommandContract[]
  readonly requests: readonly EffectContract[]
  run(data: unknown, context: unknown): unknown
}

/** A function that answers a query. */
export interface QueryDeclaration<Q extends QueryContract = QueryContract> {
  readonly kind: 'query-handler'
  readonly service: string
  readonly query: Q
  run(data: unknown, context: unknown): unknown
}

/** A function that answers a live query. */
export interface LiveDeclaration<L extends LiveQueryContract = LiveQueryContract> {
  readonly kind: 'live-query-handler'
  readonly service: string
  readonly live: L
  /** The table, read model or replica whose rows it shows. */
  readonly of: string
  readonly where: ((data: unknown, context: unknown) => unknown) | undefined
  readonly newest: number
  readonly show: ((row: unknown) => unknown) | undefined
}

/** An event to publish for a fact. */
export interface Announcement {
  readonly contract: EventContract
  readonly data: unknown
}

/** What the mapping from private facts to public events receives. */
export interface AnnounceTools {
  event(contract: EventContract, data: unknown): Announcement
  readonly meta: FactMeta
}

/** A decider in a service. */
export interface DeciderDeclaration<D extends Decider = Decider> {
  readonly kind: 'decider-handler'
  readonly service: string
  readonly decider: D
  readonly publishes: readonly EventContract[]
  /** The mapping from private facts to public events. */
  readonly announce: Readonly<
    Record<
      string,
      (data: unknown, state: unknown, tools: AnnounceTools) => Announcement | readonly Announcement[] | undefined
    >
  >
}

/** One step of a projection. */
export type ProjectionStep =
  | {
      readonly on: 'event'
      readonly event: EventContract
      readonly when: 'published' | 'retracted'
      run(data: unknown, context: { readonly tables: unknown; readonly event: EventMeta }): unknown
    }
  | {
      readonly on: 'fact'
      readonly decider: Decider
      readonly fact: string
      run(data: unknown, context: { readonly tables: unknown; readonly fact: FactMeta }): unknown
    }

/** A projection: writes read models from events or facts. */
export interface ProjectionDeclaration {
  readonly kind: 'projection'
  readonly service: string
  readonly name: string
  /** `inline`: in the unit of work that appends the facts; `async`: after it. */
  readonly mode: 'inline' | 'async'
  /** The read models that it writes. */
  readonly writes: readonly string[]
  readonly steps: readonly ProjectionStep[]
}

/** A function that handles one of the service's timers. */
export interface TimerDeclaration {
  readonly kind: 'timer-handler'
  readonly service: string
  /** The timer's name in the service. */
  readonly timer: string
  readonly publishes: readonly EventContract[]
  readonly executes: readonly CommandContract[]
  readonly requests: readonly EffectContract[]
  readonly description: string | undefined
  run(data: unknown, context: unknown): unknown
}

/** The functions that perform an effect and handle its outcome. */
export interface EffectDeclaration<E extends EffectContract = EffectContract> {
  readonly kind: 'effect-handler'
  readonly service: string
  readonly effect: E
  readonly publishes: readonly EventContract[]
  readonly executes: readonly CommandContract[]
  readonly requests: readonly EffectContract[]
  /** The name that the effect had before. */
  readonly was: string | undefined
  readonly timeoutMs: number
  readonly attemptsMax: number
  readonly inParallelMax: number
  readonly breaker: { readonly failures: number; readonly pauseMs: number }
  perform(data: unknown, context: unknown): unknown
  /** Handles the outcome, in a unit of work. */
  readonly outcome: ((outcome: unknown, context: unknown) => unknown) | undefined
}

/** An input of a process manager. */
export type ProcessInput = EventProcessInput | TimerProcessInput

/** An event as input of a process manager. */
export interface EventProcessInput {
  readonly on: 'event'
  /** The event's type; the input's name in the history. */
  readonly name: string
  readonly event: EventContract
  /** Whether it may start an instance. */
  readonly starts: boolean
  keyOf(data: unknown): string | undefined
  run(data: unknown, context: unknown): unknown
}

/** A timer as input of a process manager. */
export interface TimerProcessInput {
  readonly on: 'timer'
  /** The timer's name; the input's name in the history. */
  readonly name: string
  readonly timer: string
  run(data: unknown, context: unknown): unknown
}

/** A process manager. */
export interface ProcessDeclaration {
  readonly kind: 'process'
  readonly service: string
  readonly name: string
  /** Its facts and how they evolve its state; each run of an instance has a stream. */
  readonly decider: Decider
  readonly timers: Timers
  readonly publishes: readonly EventContract[]
  readonly executes: readonly CommandContract[]
  readonly lookups: readonly QueryContract[]
  readonly requests: readonly EffectContract[]
  readonly subscriber: string
  readonly from: StartFrom | undefined
  /** The name that it had before. */
  readonly was: string | undefined
  readonly effectsFrom: Date | 'now' | undefined
  readonly description: string | undefined
  readonly inputs: readonly ProcessInput[]
}

/** A part of a service. */
export type Declaration =
  | HandlerDeclaration
  | CommandDeclaration
  | QueryDeclaration
  | LiveDeclaration
  | DeciderDeclaration
  | ProjectionDeclaration
  | TimerDeclaration
  | EffectDeclaration
  | ProcessDeclaration

/** A handler with its name in the service. */
export interface NamedHandler extends HandlerDeclaration {
  /** `dispatch-parcel`: its key in `with`, in kebab-case; for an input of a process, `<process>.<event type>`. */
  readonly name: string
  /** The process manager that this input belongs to. */
  readonly process?: ProcessDeclaration
  /** The input. */
  readonly input?: EventProcessInput
}

/** The types of a whole service. */
export interface ServiceShape {
  readonly definition: ServiceTypes
  readonly parts: Readonly<Record<string, Declaration>>
}

/** A complete service. */
export interface Service<T extends ServiceShape = ServiceShape> {
  /** Types only; never set. */
  readonly '~types'?: T
  readonly kind: 'service'
  readonly name: string
  /** The name that it had before. */
  readonly was: string | undefined
  readonly description: string | undefined
  readonly publishes: readonly EventContract[]
  readonly tables: Readonly<Record<string, TableDefinition>>
  readonly readModels: Readonly<Record<string, TableDefinition>>
  readonly replicas: Readonly<Record<string, ReplicaDefinition>>
  readonly timers: Readonly<Record<string, TimerDefinition>>
  /** The names that subscribers had before, by their names. */
  readonly oldSubscribers: Readonly<Record<string, string>>
  /** Into how many partitions subscribers are divided, by their names; 1 for those that are not named. */
  readonly partitions: Readonly<Record<string, number>>
  readonly limits: Limits
  /** How many days answers are kept under idempotency keys; `undefined` for ever. */
  readonly idempotencyKeepDays: number | undefined
  readonly handlers: readonly NamedHandler[]
  readonly commands: readonly CommandDeclaration[]
  readonly queries: readonly QueryDeclaration[]
  readonly liveQueries: readonly LiveDeclaration[]
  readonly deciders: readonly DeciderDeclaration[]
  readonly projections: readonly ProjectionDeclaration[]
  readonly timerHandlers: readonly TimerDeclaration[]
  readonly effects: readonly EffectDeclaration[]
  readonly processes: readonly ProcessDeclaration[]
  /** The functions that were declared and that no `with` lists, in words; they never run. */
  unlisted(): readonly string[]
}
