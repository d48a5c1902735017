// Invariants of one's own: what must hold in this very system, said in a sentence and checked by a function.

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

/** The tables, read models and replicas of a service whose rows can be looked at. */
export type TablesOf<S extends Service> =
  S extends Service<infer T>
    ? ServiceShape extends T
      ? Readonly<Record<string, TableDefinition>>
      : T['definition']['tables']
    : never

/** What an invariant may look at: what anybody can see from outside, and the rows of a service's tables. */
export interface InvariantTools {
  /** Asks a query's owner; `undefined` where what is asked for is gone. */
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

/** Says what is broken, in a sentence, or throws; nothing where the invariant holds. */
export type InvariantCheck = (tools: InvariantTools) => Promise<string | undefined | void> | string | undefined | void

/** When an invariant is checked. */
export interface InvariantOptions {
  /** `rest` (default): once everything has settled. `every-step`: also after each step of a run, whoever is behind then. */
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
 * invariant('no parcel without an order', async ({ rows, events }) => {
 *   const orders = new Set((await events(OrderPlaced)).map(({ key }) => key))
 *   const stray = (await rows(shipping, 'parcels')).find(({ orderId }) => !orders.has(orderId))
 *   return stray && `parcel ${stray.parcelId} belongs to no order`
 * })
 * ```
 */
export function invariant(name: string, check: InvariantCheck): Invariant
export function invariant(name: string, options: InvariantOptions, check: InvariantCheck): Invariant
export function invariant(
  name: string,
  optionsOrCheck: InvariantOptions | InvariantCheck,
  lastCheck?: InvariantCheck,
): Invariant {
  const [options, check] =
    typeof optionsOrCheck === 'function' ? [{}, optionsOrCheck] : [optionsOrCheck, lastCheck as InvariantCheck]
  return { kind: 'invariant', name, at: options.at ?? 'rest', check }
}
