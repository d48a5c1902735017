// Effects: what a service does outside its store, such as an e-mail, a webhook or a payment. A unit of work requests an effect: the request
// is committed with the unit, and the effect is performed afterwards. The input is versioned, like all stored data.

import { checkDefinition, checkKeyFunction } from './check-options.ts'
import { checkSimpleName } from './names.ts'
import type { NextVersionIs, NumberAfter } from './next-version.ts'
import type { IfBothSame } from './same-type.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'
import { typed } from './typed.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** The types of an effect. */
export interface EffectTypes {
  readonly name: string
  readonly input: unknown
  readonly data: unknown
  /** The outcome before validation. */
  readonly performed: unknown
  readonly outcome: unknown
}

/** The types of an effect whose schemas do not change what they accept. */
export interface EffectOf<Name extends string, Data, Outcome> extends EffectTypes {
  readonly name: Name
  readonly input: Data
  readonly data: Data
  readonly performed: Outcome
  readonly outcome: Outcome
}

/** The types of an effect with a schema that accepts one type and returns another. */
export interface ParsedEffectOf<Name extends string, Input, Data, Performed, Outcome> extends EffectTypes {
  readonly name: Name
  readonly input: Input
  readonly data: Data
  readonly performed: Performed
  readonly outcome: Outcome
}

type EffectTypesOf<Name extends string, Input, Data, Performed, Outcome> = IfBothSame<
  Input,
  Data,
  Performed,
  Outcome,
  EffectOf<Name, Data, Outcome>,
  ParsedEffectOf<Name, Input, Data, Performed, Outcome>
>

/** An effect's contract. */
export interface EffectContract<T extends EffectTypes = EffectTypes> {
  readonly kind: 'effect'
  /** Imperative: `send-receipt`. */
  readonly name: T['name']
  readonly description: string | undefined
  readonly chain: VersionChain
  /** The schema of the outcome; `undefined` if there is none. */
  readonly outcome: Schema | undefined
  /** Effects of one key are performed one after the other. */
  keyOf(data: T['data']): string
  /** Types only; never set. */
  readonly '~types': T | undefined
}

/** An effect contract to which you can add versions. */
export interface Effect<T extends EffectTypes, V extends number = number> extends EffectContract<T> {
  /**
   * Adds the next version; `upcast` converts input that older code requested.
   * @param key - returns the key for data of the new version. Default: the key function of the version before.
   */
  version<S extends Schema>(
    version: NextVersionIs<NumberAfter<V>>,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
    key?: (data: OutputOf<S>) => string,
  ): Effect<EffectTypesOf<T['name'], InputOf<S>, OutputOf<S>, T['performed'], T['outcome']>, NumberAfter<V>>
}

/** Options of an effect. */
export interface EffectOptions<Input extends Schema, Outcome extends Schema> {
  /** The schema of the input. */
  readonly input: Input
  /** The schema of the outcome: what `perform` returns. Default: no outcome. */
  readonly outcome?: Outcome
  /** Effects of one key are performed one after the other, in the order of their requests; different keys run in parallel. */
  readonly key: (data: OutputOf<Input>) => string
  /** One sentence for the map. */
  readonly description?: string
}

/** Defines an effect; registers and runs nothing. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineEffect<
  const Name extends string,
  Input extends Schema,
  Outcome extends Schema = Schema<undefined>,
>(
  name: Name,
  options: EffectOptions<Input, Outcome>,
): Effect<EffectTypesOf<Name, InputOf<Input>, OutputOf<Input>, InputOf<Outcome>, OutputOf<Outcome>>, 1> {
  checkSimpleName('effect', name)
  checkDefinition(`effect ${name}`, options, `defineEffect('${name}', { input: schema, key: (data) => data.id })`)
  checkKeyFunction(`effect ${name}`, options.key)
  if (options.outcome !== undefined) checkSchema(`The outcome of effect ${name}`, options.outcome)
  return build(name, options, startChain(`Effect ${name}`, 1, options.input), options.key as (data: unknown) => string)
}

function build<T extends EffectTypes, V extends number>(
  name: T['name'],
  { description, outcome }: { readonly description?: string; readonly outcome?: Schema },
  chain: VersionChain,
  keyOf: (data: unknown) => string,
): Effect<T, V> {
  return typed({
    kind: 'effect',
    name,
    description,
    chain,
    outcome,
    keyOf,
    version: (version, schema, upcast, key) => {
      if (key !== undefined) checkKeyFunction(`effect ${name} version ${version as number}`, key)
      return build(
        name,
        { ...(description === undefined ? {} : { description }), ...(outcome === undefined ? {} : { outcome }) },
        extendChain(chain, version as number, schema, upcast as never),
        (key as typeof keyOf | undefined) ?? keyOf,
      )
    },
  })
}

/** The input of a request for an effect. */
export type EffectInput<E extends EffectContract> = NonNullable<E['~types']>['input']

/** The validated input that `perform` receives. */
export type EffectData<E extends EffectContract> = NonNullable<E['~types']>['data']

/** What `perform` returns; the schema of the outcome validates it. */
export type EffectPerformed<E extends EffectContract> = NonNullable<E['~types']>['performed']

/** The validated outcome of an effect. */
export type EffectOutcome<E extends EffectContract> = NonNullable<E['~types']>['outcome']
