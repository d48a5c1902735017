// How a service declares a live query: which of its tables it shows, which rows of it, and in what form. Plain data; nothing runs.

import type {
  EventData,
  IndexOf,
  LiveQueryContract,
  LiveQueryData,
  LiveQueryShown,
  RowOf,
  TableDefinition,
} from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'
import type { QueryContext, ServiceTypes } from './context.ts'
import type { LiveDeclaration } from './declarations.ts'
import type { ReplicaDefinition } from './replica.ts'

/** The names a live query can be of: tables, read models and replicas. */
export type LiveSource<S extends ServiceTypes> = (keyof S['tables'] | keyof S['readModels'] | keyof S['replicas']) &
  string

/** A row of what a live query is of. */
export type LiveSourceRow<S extends ServiceTypes, Name> = Name extends keyof S['readModels']
  ? RowOf<S['readModels'][Name]>
  : Name extends keyof S['tables']
    ? RowOf<S['tables'][Name]>
    : Name extends keyof S['replicas']
      ? EventData<S['replicas'][Name]['of']>
      : never

type LiveIndex<S extends ServiceTypes, Name> = Name extends keyof S['readModels']
  ? IndexOf<S['readModels'][Name]>
  : Name extends keyof S['tables']
    ? IndexOf<S['tables'][Name]>
    : string

/** Which rows a live query shows: those whose indexed field has a value. */
export interface LiveWhere<Index extends string = string> {
  readonly index: Index
  readonly value: string | number | boolean
}

/** Options of a live query. */
export interface LiveOptions<S extends ServiceTypes, L extends LiveQueryContract, Name extends LiveSource<S>> {
  /** The read model, table or replica whose rows it shows. */
  readonly of: Name
  /**
   * Which rows a reader is shown. It may read, and refuse a reader by throwing `FORBIDDEN`; asked once, when the reader comes.
   * Default: all rows.
   */
  readonly where?: (
    input: LiveQueryData<L>,
    context: QueryContext<S>,
  ) => LiveWhere<LiveIndex<S, Name>> | Promise<LiveWhere<LiveIndex<S, Name>>>
  /** The most rows of the first picture, the last by their keys; at most 1,000. Default: 100. */
  readonly newest?: number
  /** The public form of a row, from the row alone; `undefined` hides it. Default: the row as it is. */
  readonly show?: (row: LiveSourceRow<S, Name>) => LiveQueryShown<L> | undefined
}

/** `show` may be left out where a row as it is fits the contract. */
export type LiveOptionsFor<S extends ServiceTypes, L extends LiveQueryContract, Name extends LiveSource<S>> =
  LiveSourceRow<S, Name> extends LiveQueryShown<L>
    ? LiveOptions<S, L, Name>
    : LiveOptions<S, L, Name> & Required<Pick<LiveOptions<S, L, Name>, 'show'>>

/** The most rows that the first picture of a live query can hold. */
export const newestMax = 1_000

/** Declares a live query of a service; throws `INVALID_CONTRACT` where `newest` is out of bounds. */
export function liveDeclaration(service: string, live: LiveQueryContract, options: unknown): LiveDeclaration {
  const { of, where, newest = 100, show } = options as Partial<LiveDeclaration> & { readonly of: string }
  if (!Number.isSafeInteger(newest) || newest < 1 || newest > newestMax) {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Live query ${live.name} shows the newest ${newest} rows first; that is a whole number from 1 to ${newestMax}.`,
    )
  }
  return { kind: 'live-query-handler', service, live, of, where, newest, show }
}

/** What a service calls its tables, as far as a live query can be of them. */
interface LiveTables {
  readonly tables: Readonly<Record<string, TableDefinition>>
  readonly readModels: Readonly<Record<string, TableDefinition>>
  readonly replicas: Readonly<Record<string, ReplicaDefinition>>
}

/** The indexes of what a live query is of; throws `NOT_DECLARED` or `DUPLICATE_NAME`. */
export function liveIndexes(service: LiveTables & { readonly name: string }, { live, of }: LiveDeclaration) {
  const found = [service.tables, service.readModels, service.replicas].flatMap((group) =>
    Object.hasOwn(group, of) ? [group[of] as TableDefinition | ReplicaDefinition] : [],
  )
  const [only, another] = found
  if (only === undefined) {
    throw new TidingsError(
      'NOT_DECLARED',
      `Live query ${live.name} shows ${JSON.stringify(of)}, which is no table, read model or replica of ${service.name}.`,
    )
  }
  if (another !== undefined) {
    throw new TidingsError(
      'DUPLICATE_NAME',
      `Live query ${live.name} shows ${of}, and service ${service.name} calls two things so.`,
    )
  }
  return only.indexes
}
