// The client's types, derived from declarations: the commands, queries and live queries of a service, and their results.

import type {
  CallableContract,
  CallInput,
  CommandContract,
  CommandOutput,
  HandledBy,
  LiveQueryContract,
  LiveQueryRow,
  QueryContract,
  QueryOutput,
  Rejection,
  Service,
  ServiceCommands,
  ServiceLiveQueries,
  ServiceQueries,
} from 'tidings'

/** A service by its contracts alone, so that a client does not have to import the service itself. */
export interface ServiceContracts {
  /** The service's name. */
  readonly name: string
  /** Its commands. */
  readonly commands: readonly CommandContract[]
  /** Its queries. */
  readonly queries: readonly QueryContract[]
  /** Its live queries. Default: none. */
  readonly liveQueries?: readonly LiveQueryContract[]
}

/** A service, or its contracts. */
export type ClientService = Service | ServiceContracts

/** The commands of a service. */
export type CommandsOf<S extends ClientService> = S extends ServiceContracts
  ? S['commands'][number]
  : S extends Service
    ? ServiceCommands<S>
    : never

/** The queries of a service. */
export type QueriesOf<S extends ClientService> = S extends ServiceContracts
  ? S['queries'][number]
  : S extends Service
    ? ServiceQueries<S>
    : never

/** The live queries of a service. */
export type LiveQueriesOf<S extends ClientService> = S extends ServiceContracts
  ? NonNullable<S['liveQueries']>[number]
  : S extends Service
    ? ServiceLiveQueries<S>
    : never

/**
 * A command, query or live query that a service has and exposes. Otherwise the type is a sentence that says what to add, so that the compiler
 * shows it.
 */
export type Callable<
  C extends CallableContract,
  Known extends CallableContract,
  Kind extends CallableContract['kind'],
> = C['kind'] extends Kind
  ? C['name'] extends Known['name']
    ? C extends { readonly exposed: false }
      ? `${C['name']} is internal and has no endpoint. Add \`expose: true\` to ${Definer<C['kind']>}('${C['name']}', …).`
      : C
    : HandledBy<C, Known, Kind>
  : HandledBy<C, Known, Kind>

type Definer<Kind extends string> = Kind extends 'command'
  ? 'defineCommand'
  : Kind extends 'query'
    ? 'defineQuery'
    : 'defineLiveQuery'

/** Options of every command and query. */
export interface CallOptions {
  /** The conversation that the call belongs to. Default: a new one. */
  readonly correlationId?: string
  /** W3C trace context. */
  readonly traceparent?: string
  /** What tracers add to the trace context, as W3C `tracestate`. */
  readonly tracestate?: string
  /** Aborts the call, which then throws the signal's reason. */
  readonly signal?: AbortSignal
}

/** Options of a command. */
export interface CommandCallOptions extends CallOptions {
  /** The command runs once for this key, so the client may send it again: 1 to 512 printable ASCII characters. Default: none. */
  readonly idempotencyKey?: string
  /** When the command occurred. Default: now. */
  readonly occurredAt?: Date
}

/** Options of a query. */
export interface QueryCallOptions extends CallOptions {
  /** Tokens of commands, at most 16. The answer includes their effects. Default: none. */
  readonly after?: string | readonly string[]
}

/** Options of a live query. */
export interface LiveCallOptions {
  /** The id of the last change that was read, to continue after it. Default: none; a snapshot comes first. */
  readonly after?: string
  /** The conversation that the live query belongs to. Default: a new one. */
  readonly correlationId?: string
  /** Ends the iteration, which then throws the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * A change of a live query: `snapshot` has all rows and replaces earlier ones, `put` has a row that was added or changed, `remove` the key
 * of a row that is no longer there. Continue after `id` with the option `after`.
 */
export type LiveChange<L extends LiveQueryContract = LiveQueryContract> =
  | {
      readonly kind: 'snapshot'
      readonly id: string
      readonly rows: readonly { readonly key: string; readonly row: LiveQueryRow<L> }[]
    }
  | { readonly kind: 'put'; readonly id: string; readonly key: string; readonly row: LiveQueryRow<L> }
  | { readonly kind: 'remove'; readonly id: string; readonly key: string }

/** The result of a command: accepted with its output, or rejected by the service. */
export type CommandResponse<C extends CommandContract = CommandContract> = {
  readonly commandId: string
  /** True if this repeats the first answer to the same idempotency key. */
  readonly replayed: boolean
  /** Pass it to a query as `after`: the answer then includes the effects of this command. */
  readonly token: string
} & (
  | { readonly accepted: true; readonly output: CommandOutput<C> }
  | { readonly accepted: false; readonly rejection: Rejection }
)

/** The client of one service. */
export interface ServiceClient<S extends ClientService = ClientService> {
  /**
   * Sends a command. A rejection is returned, not thrown.
   *
   * Throws the service's error (`INVALID_PAYLOAD`, `IDEMPOTENCY_KEY_REUSED`, `UNAUTHENTICATED`, …), or `SERVICE_UNAVAILABLE`.
   */
  command<C extends CallableContract>(
    command: Callable<C, CommandsOf<S>, 'command'>,
    input: CallInput<C>,
    options?: CommandCallOptions,
  ): Promise<CommandResponse<Extract<C, CommandContract>>>
  /** Sends a query; `undefined` if the service found nothing. Throws the service's error, or `SERVICE_UNAVAILABLE`. */
  query<Q extends CallableContract>(
    query: Callable<Q, QueriesOf<S>, 'query'>,
    input: CallInput<Q>,
    options?: QueryCallOptions,
  ): Promise<QueryOutput<Extract<Q, QueryContract>> | undefined>
  /**
   * Reads a live query: a snapshot, then every change. While you iterate, it reconnects after a lost connection or an unavailable
   * service. Throws the service's error if reconnecting cannot help (`INVALID_PAYLOAD`, `FORBIDDEN`, …).
   */
  live<L extends CallableContract>(
    live: Callable<L, LiveQueriesOf<S>, 'live-query'>,
    input: CallInput<L>,
    options?: LiveCallOptions,
  ): AsyncIterableIterator<LiveChange<Extract<L, LiveQueryContract>>>
}

/** A client: each service under the name that you gave it. */
export type Client<S extends Readonly<Record<string, ClientService>>> = {
  readonly [Name in keyof S]: ServiceClient<S[Name]>
} & {
  /** Closes the client. Calls in progress, and later ones, throw `CLOSED`. */
  close(): void
}
