// What a function may use: the contracts that it declares. Types only.
// Invariant: what is not declared does not compile, and the compiler's message names it and says where to add it. A context still fits where a
// context with fewer contracts is expected, so that you can pass it to functions of your own.

import type { CommandContract, EffectContract, EventContract, QueryContract } from '../contracts/index.ts'

/** What a function declares in its options; decides what its context offers. */
export interface Declared {
  readonly publishes?: readonly EventContract[]
  readonly executes?: readonly CommandContract[]
  readonly lookups?: readonly QueryContract[]
  readonly requests?: readonly EffectContract[]
}

/** The contracts of one list of a declaration; `never` if there is no such list. */
export type DeclaredIn<O extends Declared, List extends keyof Declared> = Extract<
  NonNullable<O[List]> extends readonly (infer Item)[] ? Item : never,
  NonNullable<Declared[List]>[number]
>

// No contract has such a name, because of its blanks. It is there for the compiler to show.
type OrAddItTo<List extends string> = `or add it to the ${List}`

/** An event that a function declares. */
export interface DeclaredEvent<Name extends string> extends EventContract {
  readonly name: Name | OrAddItTo<'`publishes` of this function'>
}

/** An event that a service publishes. */
export interface PublishedEvent<Name extends string> extends EventContract {
  readonly name: Name | OrAddItTo<'`publishes` of the service'>
}

/** A command that a function declares. */
export interface DeclaredCommand<Name extends string> extends CommandContract {
  readonly name: Name | OrAddItTo<'`executes` of this function'>
}

/** A query that a function declares. */
export interface DeclaredQuery<Name extends string> extends QueryContract {
  readonly name: Name | OrAddItTo<'`lookups` of this function'>
}

/** An effect that a function declares. */
export interface DeclaredEffect<Name extends string> extends EffectContract {
  readonly name: Name | OrAddItTo<'`requests` of this function'>
}

/** What a function declares, by names alone: short enough to be read where an editor shows it. */
export interface Uses<
  Published extends string = never,
  Executed extends string = never,
  LookedUp extends string = never,
  Requested extends string = never,
> extends Declared {
  readonly publishes?: readonly NamedEvent<Published>[]
  readonly executes?: readonly NamedCommand<Executed>[]
  readonly lookups?: readonly NamedQuery<LookedUp>[]
  readonly requests?: readonly NamedEffect<Requested>[]
}

/** An event with its name. */
export interface NamedEvent<Name extends string> extends EventContract {
  readonly name: Name
}

/** A command with its name. */
export interface NamedCommand<Name extends string> extends CommandContract {
  readonly name: Name
}

/** A query with its name. */
export interface NamedQuery<Name extends string> extends QueryContract {
  readonly name: Name
}

/** An effect with its name. */
export interface NamedEffect<Name extends string> extends EffectContract {
  readonly name: Name
}
