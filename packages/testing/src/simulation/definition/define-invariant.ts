// Invariants of a system: what must hold in it besides the promises of Tidings, as a sentence and a function that checks it.

import type {
  EventContract,
  QueryContract,
  QueryInput,
  QueryOutput,
  RowOf,
  Service,
  ServiceShape,
  TableDefinition,
} from 'tidings'
import type { PublishedEvent } from '../../session/index.ts'

/** The tables of a service, by the names its definition gives them. */
export type TablesOf<S extends Service> =
  S extends Service<infer T>
    ? ServiceShape extends T
      ? Readonly<Record<string, TableDefinition>>
      : T['definition']['tables']
    : never

/** What an invariant can read: queries and published events, as anybody can from outside, and the rows of a service's tables. */
export interface InvariantTools {
  /** Asks the query's owner; `undefined` if what the query asks for is gone. */
  query<Q extends QueryContract>(query: Q, input: QueryInput<Q>): Promise<QueryOutput<Q> | undefined>
  /** The events of a contract, or of several of one owner, in the order in which they were published. */
  events<E extends readonly [EventContract, ...EventContract[]]>(
    ...contracts: E
  ): Promise<readonly PublishedEvent<E[number]>[]>
  /** The rows of a service's own table, in the order of their keys. */
  rows<S extends Service, Name extends keyof TablesOf<S> & string>(
    service: S,
    table: Name,
  ): Promise<readonly RowOf<TablesOf<S>[Name]>[]>
}

/** Returns a sentence that says what is broken, or throws; returns nothing if the invariant holds. */
export type InvariantCheck = (tools: InvariantTools) => Promise<string | undefined | void> | string | undefined | void

/** When an invariant is checked. */
export interface InvariantOptions {
  /** `rest` (default): once everything has settled. `every-step`: also after each step of a run, when subscribers may be behind. */
  readonly at?: 'rest' | 'every-step'
}

/** An invariant. */
export interface Invariant {
  readonly kind: 'invariant'
  /** `no parcel without a payment`. */
  readonly name: string
  readonly at: 'rest' | 'every-step'
  readonly check: InvariantCheck
}

/**
 * Declares an invariant.
 *
 * @example
 * ```ts
 * defineInvariant('no parcel without an order', async ({ rows, events }) => {
 *   const orders = new Set((await events(OrderPlaced)).map(({ key }) => key))
 *   const stray = (await rows(shipping, 'parcels')).find(({ orderId }) => !orders.has(orderId))
 *   return stray && `parcel ${stray.parcelId} belongs to no order`
 * })
 * ```
 */
export function defineInvariant(name: string, check: InvariantCheck): Invariant
export function defineInvariant(name: string, options: InvariantOptions, check: InvariantCheck): Invariant
export function defineInvariant(
  name: string,
  optionsOrCheck: InvariantOptions | InvariantCheck,
  lastCheck?: InvariantCheck,
): Invariant {
  const [options, check] =
    typeof optionsOrCheck === 'function' ? [{}, optionsOrCheck] : [optionsOrCheck, lastCheck as InvariantCheck]
  return { kind: 'invariant', name, at: options.at ?? 'rest', check }
}
