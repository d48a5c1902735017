// Declares a live query of a service: which table, which rows, in which form. Plain data; nothing here runs.

import type {
  EventData,
  IndexOf,
  LiveQueryContract,
  LiveQueryData,
  LiveQueryShown,
  ReadonlyData,
  RowOf,
  TableDefinition,
} from '../contracts/index.ts'
import { checkFunction, checkIsText, shownValue, TidingsError } from '../errors/index.ts'
import type { QueryContext, ServiceTypes } from './context.ts'
import type { LiveDeclaration } from './declarations.ts'
import type { ReplicaDefinition } from './replica.ts'

/** The names of the tables, read models and replicas that a live query can show. */
export type LiveSource<S extends ServiceTypes> = (keyof S['tables'] | keyof S['readModels'] | keyof S['replicas']) &
  string

/** A row of the table that a live query shows. */
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
    : Name extends keyof S['replicas']
      ? S['replicas'][Name]['indexes'][number]
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
   * Selects the rows for a reader; called once, when the reader connects. It may read tables, and refuse the reader by throwing `FORBIDDEN`.
   * Default: all rows.
   */
  readonly where?: (
    input: LiveQueryData<L>,
    context: QueryContext<S>,
  ) => LiveWhere<LiveIndex<S, Name>> | Promise<LiveWhere<LiveIndex<S, Name>>>
  /** The most rows of the first snapshot, those with the greatest keys; at most 1,000. Default: 100. */
  readonly newest?: number
  /** The public form of a row, from the row alone; `undefined` hides it. Default: the row unchanged. */
  readonly show?: (row: LiveSourceRow<S, Name>) => ReadonlyData<LiveQueryShown<L>> | undefined
}

/** `show` is optional if the row itself fits the contract. */
export type LiveOptionsFor<S extends ServiceTypes, L extends LiveQueryContract, Name extends LiveSource<S>> =
  LiveSourceRow<S, Name> extends LiveQueryShown<L>
    ? LiveOptions<S, L, Name>
    : LiveOptions<S, L, Name> & Required<Pick<LiveOptions<S, L, Name>, 'show'>>

/** The most rows of the first snapshot of a live query. */
export const newestMax = 1_000

/** Declares a live query of a service; throws `INVALID_CONTRACT` if `newest` is out of bounds. */
export function liveDeclaration(service: string, live: LiveQueryContract, options: unknown): LiveDeclaration {
  const { of, where, newest = 100, show } = options as Partial<LiveDeclaration> & { readonly of: string }
  checkIsText(of, { what: `\`of\` of live query ${live.name}`, hint: "Name a table: `{ of: 'orders' }`." })
  for (const [option, run] of Object.entries({ where, show }))
    if (run !== undefined)
      checkFunction(run, { what: `\`${option}\` of live query ${live.name}`, hint: `Write \`${option}: (…) => …\`.` })
  if (!Number.isSafeInteger(newest) || newest < 1 || newest > newestMax) {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Live query ${live.name} sets newest to ${shownValue(newest)}; it must be a whole number from 1 to ${newestMax}.`,
    )
  }
  return { kind: 'live-query-handler', service, live, of, where, newest, show }
}

/** The tables, read models and replicas of a service. */
interface LiveTables {
  readonly tables: Readonly<Record<string, TableDefinition>>
  readonly readModels: Readonly<Record<string, TableDefinition>>
  readonly replicas: Readonly<Record<string, ReplicaDefinition>>
}

/** The indexes of the table that a live query shows; throws `NOT_DECLARED` or `DUPLICATE_NAME`. */
export function liveIndexes(service: LiveTables & { readonly name: string }, { live, of }: LiveDeclaration) {
  const found = [service.tables, service.readModels, service.replicas].flatMap((group) =>
    Object.hasOwn(group, of) ? [group[of] as TableDefinition | ReplicaDefinition] : [],
  )
  const [only, another] = found
  if (only === undefined) {
    throw new TidingsError(
      'NOT_DECLARED',
      `Live query ${live.name} shows ${JSON.stringify(of)}, which is not a table, read model or replica of ${service.name}.`,
    )
  }
  if (another !== undefined) {
    throw new TidingsError(
      'DUPLICATE_NAME',
      `Live query ${live.name} shows ${of}, but ${service.name} has two tables, read models or replicas with that name.`,
    )
  }
  return only.indexes
}
