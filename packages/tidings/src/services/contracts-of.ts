// The contracts that a complete service handles, from its parts. Types only.

import type { CommandContract, LiveQueryContract, QueryContract } from '../contracts/index.ts'
import type {
  CommandDeclaration,
  DeciderDeclaration,
  Declaration,
  LiveDeclaration,
  QueryDeclaration,
  Service,
} from './declarations.ts'

type PartsOf<S> = S extends Service<infer T> ? T['parts'][keyof T['parts']] : never

type CommandsOfPart<P> =
  P extends DeciderDeclaration<infer D>
    ? D['commands'][keyof D['commands']]
    : P extends CommandDeclaration<infer C>
      ? C
      : never

type QueriesOfPart<P> = P extends QueryDeclaration<infer Q> ? Q : never

type LiveQueriesOfPart<P> = P extends LiveDeclaration<infer L> ? L : never

/** The commands that a service handles. */
export type ServiceCommands<S extends Service> =
  Declaration extends PartsOf<S> ? CommandContract : CommandsOfPart<PartsOf<S>>

/** The queries that a service answers. */
export type ServiceQueries<S extends Service> =
  Declaration extends PartsOf<S> ? QueryContract : QueriesOfPart<PartsOf<S>>

/** The live queries that a service answers. */
export type ServiceLiveQueries<S extends Service> =
  Declaration extends PartsOf<S> ? LiveQueryContract : LiveQueriesOfPart<PartsOf<S>>

/** The input that a caller sends with a contract. */
export type CallInput<C extends CallableContract> = NonNullable<C['~types']>['input']

/** A contract that you can call: a command, a query or a live query. */
export type CallableContract = CommandContract | QueryContract | LiveQueryContract

/** A contract of the kind that a call takes, which the service handles; otherwise a sentence that says what to write, which the compiler shows. */
export type HandledBy<
  C extends CallableContract,
  Known extends CallableContract,
  Kind extends CallableContract['kind'],
> = C['kind'] extends Kind ? (C['name'] extends Known['name'] ? C : NotAmong<C['name']>) : OfAnotherKind<C>

/** A sentence about a contract of another kind than the call takes. */
export type OfAnotherKind<C extends CallableContract> = {
  readonly command: `${C['name']} is a command: send it with .command(…)`
  readonly query: `${C['name']} is a query: ask it with .query(…)`
  readonly 'live-query': `${C['name']} is a live query: read it with .live(…)`
}[C['kind']]

/** A sentence about a contract that the service does not handle. */
export type NotAmong<Name extends string> =
  `${Name} is not among the contracts of this service. List the function that handles it in \`with\`, or ask another service.`
