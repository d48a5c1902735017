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

/** A contract that a service handles; otherwise a sentence that says what to add, which the compiler shows. */
export type HandledBy<
  C extends { readonly name: string },
  Known extends { readonly name: string },
> = C['name'] extends Known['name']
  ? C
  : `${C['name']} is not among the contracts of this service. List the function that handles it in \`with\`, or ask another service.`
