// Typed calls of a service within the process: by its declaration, with its contracts. Nothing has to be exposed for them.

import type {
  CommandContract,
  CommandOutput,
  LiveQueryContract,
  QueryContract,
  QueryOutput,
  ReadonlyData,
  Rejection,
} from '../../contracts/index.ts'
import type {
  CallableContract,
  CallInput,
  HandledBy,
  Service,
  ServiceCommands,
  ServiceLiveQueries,
  ServiceQueries,
} from '../../services/index.ts'
import type { HandleCommandOptions } from '../commands/command-run.ts'
import type { CommandResult } from '../commands/handle-command.ts'
import type { LiveReadOptions } from '../live/live-fan-out.ts'
import type { LiveReader } from '../live/live-reader.ts'
import type { AnswerQueryOptions } from '../queries/answer-query.ts'
import type { ServiceRuntime } from '../service/service-runtime.ts'

/** The result of a command whose contract is known. */
export type CommandResultOf<C extends CommandContract> = Omit<CommandResult, 'accepted' | 'output' | 'rejection'> &
  (
    | { readonly accepted: true; readonly output: CommandOutput<C> }
    | { readonly accepted: false; readonly rejection: Rejection }
  )

/** The commands, queries and live queries of a running service, by their contracts. */
export interface ServiceCalls<S extends Service> {
  readonly name: string
  /** Handles a command. A rejection is returned, not thrown. */
  command<C extends CallableContract>(
    command: HandledBy<C, ServiceCommands<S>, 'command'>,
    input: ReadonlyData<CallInput<C>>,
    options?: HandleCommandOptions,
  ): Promise<CommandResultOf<Extract<C, CommandContract>>>
  /** Answers a query; `undefined` if what is asked for is gone. */
  query<Q extends CallableContract>(
    query: HandledBy<Q, ServiceQueries<S>, 'query'>,
    input: ReadonlyData<CallInput<Q>>,
    options?: AnswerQueryOptions,
  ): Promise<QueryOutput<Extract<Q, QueryContract>> | undefined>
  /** Reads a live query: a snapshot, then every change. */
  live<L extends CallableContract>(
    live: HandledBy<L, ServiceLiveQueries<S>, 'live-query'>,
    input: ReadonlyData<CallInput<L>>,
    options?: LiveReadOptions,
  ): Promise<LiveReader>
}

/** The typed calls of a running service. */
export function serviceCalls<S extends Service>(service: ServiceRuntime): ServiceCalls<S> {
  const calls = {
    name: service.name,
    command: (command: CommandContract, input: unknown, options?: HandleCommandOptions) =>
      service.command(command.name, input, options),
    query: (query: QueryContract, input: unknown, options?: AnswerQueryOptions) =>
      service.query(query.name, input, options),
    live: (live: LiveQueryContract, input: unknown, options?: LiveReadOptions) =>
      service.live(live.name, input, options),
  }
  return calls as never
}
