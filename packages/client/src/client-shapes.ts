// The client's types, drawn from the declarations: which commands and queries a service has, and what they come to.

import type {
  CommandContract,
  CommandDeclaration,
  CommandInput,
  CommandOutput,
  DeciderDeclaration,
  Declaration,
  LiveDeclaration,
  LiveQueryContract,
  LiveQueryInput,
  LiveQueryRow,
  QueryContract,
  QueryDeclaration,
  QueryInput,
  QueryOutput,
  Rejection,
  Service,
} from 'tidings'

/** A service by its contracts alone: for a client that must not import the service itself. */
export interface ServiceContracts {
  /** The service's name. */
  readonly name: string
  /** The commands it takes. */
  readonly commands: readonly CommandContract[]
  /** The queries it answers. */
  readonly queries: readonly QueryContract[]
  /** The live queries it shows. Default: none. */
  readonly liveQueries?: readonly LiveQueryContract[]
}

/** A service, or its contracts. */
export type ClientService = Service | ServiceContracts

type PartsOf<S> = S extends Service<infer T> ? T['parts'][keyof T['parts']] : never

type CommandsOfPart<P> =
  P extends DeciderDeclaration<infer D>
    ? D['commands'][keyof D['commands']]
    : P extends CommandDeclaration<infer C>
      ? C
      : never

type QueriesOfPart<P> = P extends QueryDeclaration<infer Q> ? Q : never

type LiveQueriesOfPart<P> = P extends LiveDeclaration<infer L> ? L : never

/** The commands a service takes. */
export type CommandsOf<S extends ClientService> = S extends ServiceContracts
  ? S['commands'][number]
  : Declaration extends PartsOf<S>
    ? CommandContract
    : CommandsOfPart<PartsOf<S>>

/** The queries a service answers. */
export type QueriesOf<S extends ClientService> = S extends ServiceContracts
  ? S['queries'][number]
  : Declaration extends PartsOf<S>
    ? QueryContract
    : QueriesOfPart<PartsOf<S>>

/** The live queries a service shows. */
export type LiveQueriesOf<S extends ClientService> = S extends ServiceContracts
  ? NonNullable<S['liveQueries']>[number]
  : Declaration extends PartsOf<S>
    ? LiveQueryContract
    : LiveQueriesOfPart<PartsOf<S>>

/** What may be said about a call besides its input. */
export interface CallOptions {
  /** The conversation it belongs to. Default: a new one. */
  readonly correlationId?: string
  /** W3C trace context. */
  readonly traceparent?: string
  /** Gives the call up. */
  readonly signal?: AbortSignal
}

/** What may be said about a command besides its input. */
export interface CommandCallOptions extends CallOptions {
  /** Carries the command out once, and lets the client send it again: 1 to 512 printable ASCII characters. */
  readonly idempotencyKey?: string
  /** When it occurred. Default: now. */
  readonly occurredAt?: Date
}

/** What may be said about a query besides its input. */
export interface QueryCallOptions extends CallOptions {
  /** Tokens of commands, at most 16: the answer shows what they have done. Default: none. */
  readonly after?: string | readonly string[]
}

/** What may be said about reading a live query besides its input. */
export interface LiveCallOptions {
  /** The id of the item that was read last, to go on from there. Default: none, a snapshot comes first. */
  readonly after?: string
  /** The conversation it belongs to. Default: a new one. */
  readonly correlationId?: string
  /** Ends the reading: the iteration throws its reason. */
  readonly signal?: AbortSignal
}

/**
 * What a reader of a live query is given: `snapshot` has all rows, in place of whatever was there before; `put` a row that came or
 * changed; `remove` the key of one that is not shown any more. `id` says where the reader stands.
 */
export type LiveChange<L extends LiveQueryContract = LiveQueryContract> =
  | {
      readonly kind: 'snapshot'
      readonly id: string
      readonly rows: readonly { readonly key: string; readonly row: LiveQueryRow<L> }[]
    }
  | { readonly kind: 'put'; readonly id: string; readonly key: string; readonly row: LiveQueryRow<L> }
  | { readonly kind: 'remove'; readonly id: string; readonly key: string }

/** What a command came to: accepted with its output, or rejected by the domain. */
export type CommandResponse<C extends CommandContract = CommandContract> = {
  readonly commandId: string
  /** True where the idempotency key was answered before. */
  readonly replayed: boolean
  /** Covers what the command has done: a query that shows it (`after`) is not older. */
  readonly token: string
} & (
  | { readonly accepted: true; readonly output: CommandOutput<C> }
  | { readonly accepted: false; readonly rejection: Rejection }
)

/** One service, as a client sees it. */
export interface ServiceClient<S extends ClientService = ClientService> {
  /**
   * Sends a command. A rejection is an answer, not an error.
   *
   * Throws what the service says (`INVALID_PAYLOAD`, `IDEMPOTENCY_KEY_REUSED`, `UNAUTHENTICATED`, …), or `SERVICE_UNAVAILABLE`.
   */
  command<C extends CommandsOf<S>>(
    command: C,
    input: CommandInput<C>,
    options?: CommandCallOptions,
  ): Promise<CommandResponse<C>>
  /** Asks a query; `undefined` where what is asked for is gone. Throws what the service says, or `SERVICE_UNAVAILABLE`. */
  query<Q extends QueriesOf<S>>(
    query: Q,
    input: QueryInput<Q>,
    options?: QueryCallOptions,
  ): Promise<QueryOutput<Q> | undefined>
  /**
   * Reads a live query: a snapshot, then every change. Lost connections and unavailable services are come back from, for as long as
   * somebody iterates; throws what the service says if that cannot help (`INVALID_PAYLOAD`, `FORBIDDEN`, …).
   */
  live<L extends LiveQueriesOf<S>>(
    live: L,
    input: LiveQueryInput<L>,
    options?: LiveCallOptions,
  ): AsyncIterableIterator<LiveChange<L>>
}

/** A client: each service under the name it was given. */
export type Client<S extends Readonly<Record<string, ClientService>>> = {
  readonly [Name in keyof S]: ServiceClient<S[Name]>
} & {
  /** Lets its connections go. Calls under way fail. */
  close(): void
}
