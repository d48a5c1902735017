// Facts: what a service keeps in its own streams. Private: what others hear is a contract mapped from them.

import type { InputOf, OutputOf, Schema } from './schema.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** The types of a fact. */
export interface FactTypes {
  readonly input: unknown
  readonly data: unknown
}

/** The versions of a fact. */
export interface FactDefinition<T extends FactTypes = FactTypes> {
  readonly kind: 'fact'
  readonly chain: VersionChain
  /** Types only; never set. */
  readonly '~types'?: T
}

/** A fact that may get more versions. */
export interface Fact<T extends FactTypes> extends FactDefinition<T> {
  /** Adds the next version; `upcast` makes it out of the one before, for ever. */
  version<S extends Schema>(
    version: number,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
  ): Fact<{ input: InputOf<S>; data: OutputOf<S> }>
}

/** Defines version 1 of a fact; the decider that lists it gives it its name. */
export function fact<S extends Schema>(schema: S): Fact<{ input: InputOf<S>; data: OutputOf<S> }> {
  return build(startChain('A fact', 1, schema))
}

function build<T extends FactTypes>(chain: VersionChain): Fact<T> {
  return {
    kind: 'fact',
    chain,
    version: (version, schema, upcast) => build(extendChain(chain, version, schema, upcast as never)),
  }
}

/** What a decider gives for a fact. */
export type FactInput<F extends FactDefinition> = NonNullable<F['~types']>['input']

/** What `evolve` and projections get for a fact. */
export type FactData<F extends FactDefinition> = NonNullable<F['~types']>['data']
