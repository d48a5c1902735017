// Effects: what a service does outside its store (an e-mail, a webhook, a payment), as a value. It is requested within a unit of work,
// committed with it, and performed afterwards. What it carries is versioned as all data at rest are.

import { checkSimpleName } from './names.ts'
import { checkSchema, type InputOf, type OutputOf, type Schema } from './schema.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** The types of an effect. */
export interface EffectTypes {
  readonly input: unknown
  readonly data: unknown
  readonly outcome: unknown
}

/** An effect's contract. */
export interface EffectContract<T extends EffectTypes = EffectTypes> {
  readonly kind: 'effect'
  /** Imperative: `send-receipt`. */
  readonly name: string
  readonly description: string | undefined
  readonly chain: VersionChain
  /** What performing it gives; by default nothing. */
  readonly outcome: Schema | undefined
  /** Effects of one key are performed one after the other. */
  keyOf(data: T['data']): string
  /** Types only; never set. */
  readonly '~types'?: T
}

/** An effect that may get more versions. */
export interface Effect<T extends EffectTypes> extends EffectContract<T> {
  /**
   * Adds the next version; `upcast` makes it out of the one before, for effects that were requested by older code.
   *
   * @param key - the key under the new version. Default: as before.
   */
  version<S extends Schema>(
    version: number,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
    key?: (data: OutputOf<S>) => string,
  ): Effect<{ input: InputOf<S>; data: OutputOf<S>; outcome: T['outcome'] }>
}

/** Options of an effect. */
export interface EffectOptions<Input extends Schema, Outcome extends Schema> {
  /** What is needed to perform it. */
  readonly input: Input
  /** What performing it gives, as the other side answered. Default: nothing. */
  readonly outcome?: Outcome
  /** Effects of one key are performed one after the other, in the order they were requested; others side by side. */
  readonly key: (data: OutputOf<Input>) => string
  /** One sentence for the map. */
  readonly description?: string
}

/** Defines an effect. Inert. Throws `INVALID_NAME` or `INVALID_CONTRACT`. */
export function defineEffect<Input extends Schema, Outcome extends Schema = Schema<undefined>>(
  name: string,
  options: EffectOptions<Input, Outcome>,
): Effect<{ input: InputOf<Input>; data: OutputOf<Input>; outcome: OutputOf<Outcome> }> {
  checkSimpleName('effect', name)
  if (options.outcome !== undefined) checkSchema(`The outcome of effect ${name}`, options.outcome)
  return build(name, options, startChain(`Effect ${name}`, 1, options.input), options.key as (data: unknown) => string)
}

function build<T extends EffectTypes>(
  name: string,
  { description, outcome }: { readonly description?: string; readonly outcome?: Schema },
  chain: VersionChain,
  keyOf: (data: unknown) => string,
): Effect<T> {
  return {
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
  }
}

/** What requesting an effect takes. */
export type EffectInput<E extends EffectContract> = NonNullable<E['~types']>['input']

/** What the function gets that performs an effect. */
export type EffectData<E extends EffectContract> = NonNullable<E['~types']>['data']

/** What performing an effect gives. */
export type EffectOutcome<E extends EffectContract> = NonNullable<E['~types']>['outcome']
