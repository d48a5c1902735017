// What a service consists of, as plain data: nothing here runs anything.

import type {
  CommandContract,
  EventContract,
  EventMeta,
  LiveQueryContract,
  QueryContract,
  TableDefinition,
} from '../contracts/index.ts'
import type { ServiceTypes } from './context.ts'
import type { Decider, FactMeta } from './decider.ts'
import type { Limits } from './limits.ts'
import type { ReplicaDefinition } from './replica.ts'

/** Where a subscriber or handler starts: at the beginning of history, or with what is published from now on. */
export type StartFrom = 'beginning' | 'now'

/** A function that reacts to an event. */
export interface HandlerDeclaration<E extends EventContract = EventContract> {
  readonly kind: 'handler'
  readonly service: string
  readonly event: E
  /** Runs on the entity's state, or (state transfer) when it was retracted. */
  readonly when: 'published' | 'retracted'
  readonly lane: string
  readonly publishes: readonly EventContract[]
  readonly lookups: readonly QueryContract[]
  readonly executes: readonly CommandContract[]
  readonly from: StartFrom | undefined
  readonly description: string | undefined
  run(data: unknown, context: unknown): unknown
}

/** A function that carries out a command. */
export interface CommandDeclaration<C extends CommandContract = CommandContract> {
  readonly kind: 'command-handler'
  readonly service: string
  readonly command: C
  readonly publishes: readonly EventContract[]
  readonly executes: readonly CommandContract[]
  run(data: unknown, context: unknown): unknown
}

/** A function that answers a query. */
export interface QueryDeclaration<Q extends QueryContract = QueryContract> {
  readonly kind: 'query-handler'
  readonly service: string
  readonly query: Q
  run(data: unknown, context: unknown): unknown
}

/** Rows that readers are shown, and told of whenever they change. */
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

/** An event to be published for a fact. */
export interface Announcement {
  readonly contract: EventContract
  readonly data: unknown
}

/** The tools of a mapping from private to public. */
export interface AnnounceTools {
  event(contract: EventContract, data: unknown): Announcement
  readonly meta: FactMeta
}

/** A decider's streams within a service. */
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

/** A read model kept from history. */
export interface ProjectionDeclaration {
  readonly kind: 'projection'
  readonly service: string
  readonly name: string
  /** `inline`: in the append's own unit of work; `async`: behind it. */
  readonly mode: 'inline' | 'async'
  /** The read models it writes. */
  readonly writes: readonly string[]
  readonly steps: readonly ProjectionStep[]
}

/** Anything a service consists of. */
export type Declaration =
  | HandlerDeclaration
  | CommandDeclaration
  | QueryDeclaration
  | LiveDeclaration
  | DeciderDeclaration
  | ProjectionDeclaration

/** A handler with the name it has in its service. */
export interface NamedHandler extends HandlerDeclaration {
  /** `dispatch-parcel`: the name it was listed under, in kebab-case. */
  readonly name: string
}

/** The types of a whole service. */
export interface ServiceShape {
  readonly definition: ServiceTypes
  readonly parts: Readonly<Record<string, Declaration>>
}

/** A whole service. */
export interface Service<T extends ServiceShape = ServiceShape> {
  /** Types only; never set. */
  readonly '~types'?: T
  readonly kind: 'service'
  readonly name: string
  readonly description: string | undefined
  readonly publishes: readonly EventContract[]
  readonly tables: Readonly<Record<string, TableDefinition>>
  readonly readModels: Readonly<Record<string, TableDefinition>>
  readonly replicas: Readonly<Record<string, ReplicaDefinition>>
  readonly limits: Limits
  readonly handlers: readonly NamedHandler[]
  readonly commands: readonly CommandDeclaration[]
  readonly queries: readonly QueryDeclaration[]
  readonly liveQueries: readonly LiveDeclaration[]
  readonly deciders: readonly DeciderDeclaration[]
  readonly projections: readonly ProjectionDeclaration[]
}
