// Effects: what a service does outside its store, such as an e-mail, a webhook or a payment. A unit of work requests an effect: the request
// is committed with the unit, and the effect is performed afterwards. The input is versioned, like all stored data.

import { checkSimpleName } from './names.ts'
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
export interface Effect<T extends EffectTypes> extends EffectContract<T> {
  /**
   * Adds the next version; `upcast` converts input that older code requested.
   * @param key - returns the key for data of the new version. Default: the key function of the version before.
   */
  version<S extends Schema>(
    version: number,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
    key?: (data: OutputOf<S>) => string,
  ): Effect<{ name: T['name']; input: InputOf<S>; data: OutputOf<S>; performed: T['performed']; outcome: T['outcome'] }>
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
): Effect<{
  name: Name
  input: InputOf<Input>
  data: OutputOf<Input>
  performed: InputOf<Outcome>
  outcome: OutputOf<Outcome>
}> {
  checkSimpleName('effect', name)
  if (options.outcome !== undefined) checkSchema(`The outcome of effect ${name}`, options.outcome)
  return build(name, options, startChain(`Effect ${name}`, 1, options.input), options.key as (data: unknown) => string)
}

function build<T extends EffectTypes>(
  name: T['name'],
  { description, outcome }: { readonly description?: string; readonly outcome?: Schema },
  chain: VersionChain,
  keyOf: (data: unknown) => string,
): Effect<T> {
  return typed({
    kind: 'effect',
    name,
    description,
    chain,
    outcome,
    keyOf,
    version: (version, schema, upcast, key) =>
      build(
        name,
        { ...(description === undefined ? {} : { description }), ...(outcome === undefined ? {} : { outcome }) },
        extendChain(chain, version, schema, upcast as never),
        (key as typeof keyOf | undefined) ?? keyOf,
      ),
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
