// Facts: the events that a service stores in its own streams. They are private; other services receive events that you map from facts.

import type { NextVersionIs, NumberAfter } from './next-version.ts'
import type { IfSame } from './same-type.ts'
import type { InputOf, OutputOf, Schema } from './schema.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** The types of a fact. */
export interface FactTypes {
  readonly input: unknown
  readonly data: unknown
}

/** The types of a fact whose schema does not change what it accepts. */
export interface FactOf<Data> extends FactTypes {
  readonly input: Data
  readonly data: Data
}

/** The types of a fact whose schema accepts one type and returns another. */
export interface ParsedFactOf<Input, Data> extends FactTypes {
  readonly input: Input
  readonly data: Data
}

type FactTypesOf<Input, Data> = IfSame<Input, Data, FactOf<Data>, ParsedFactOf<Input, Data>>

/** The versions of a fact. */
export interface FactDefinition<T extends FactTypes = FactTypes> {
  readonly kind: 'fact'
  readonly chain: VersionChain
  /** Types only; never set. */
  readonly '~types'?: T
}

/** A fact to which you can add versions. */
export interface Fact<T extends FactTypes, V extends number = number> extends FactDefinition<T> {
  /** Adds the next version; `upcast` converts stored data of the version before. Keep the upcaster for ever. */
  version<S extends Schema>(
    version: NextVersionIs<NumberAfter<V>>,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
  ): Fact<FactTypesOf<InputOf<S>, OutputOf<S>>, NumberAfter<V>>
}

/** Defines version 1 of a fact. Its name is its key in the decider's `facts`. */
export function fact<S extends Schema>(schema: S): Fact<FactTypesOf<InputOf<S>, OutputOf<S>>, 1> {
  return build(startChain('A fact', 1, schema))
}

function build<T extends FactTypes, V extends number>(chain: VersionChain): Fact<T, V> {
  return {
    kind: 'fact',
    chain,
    version: (version, schema, upcast) => build(extendChain(chain, version as number, schema, upcast as never)),
  }
}

/** The data that a decider passes to create a fact. */
export type FactInput<F extends FactDefinition> = NonNullable<F['~types']>['input']

/** The data of a fact that `evolve` and projections receive. */
export type FactData<F extends FactDefinition> = NonNullable<F['~types']>['data']
