// Timers: something that comes due at a moment, under a key. What it carries is versioned as all data at rest are.

import type { InputOf, OutputOf, Schema } from './schema.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** The types of a timer. */
export interface TimerTypes {
  readonly input: unknown
  readonly data: unknown
}

/** What a timer carries, in all its versions. */
export interface TimerDefinition<T extends TimerTypes = TimerTypes> {
  readonly kind: 'timer'
  readonly chain: VersionChain
  /** Types only; never set. */
  readonly '~types'?: T
}

/** A timer that may get more versions. */
export interface Timer<T extends TimerTypes> extends TimerDefinition<T> {
  /** Adds the next version; `upcast` makes it out of the one before, for timers that were set by older code. */
  version<S extends Schema>(
    version: number,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
  ): Timer<{ input: InputOf<S>; data: OutputOf<S> }>
}

// What a timer without data carries. The smallest Standard Schema there is: nothing goes in, and `null` is what JSON keeps of it.
const nothing: Schema<undefined | null, null> = {
  '~standard': {
    version: 1,
    vendor: 'tidings',
    validate: (value) =>
      value === undefined || value === null ? { value: null } : { issues: [{ message: 'this timer carries no data' }] },
  },
}

/** Defines a timer without data; the service or process that lists it gives it its name. */
export function timer(): Timer<{ input: undefined; data: null }>
/** Defines version 1 of a timer that carries data. */
export function timer<S extends Schema>(schema: S): Timer<{ input: InputOf<S>; data: OutputOf<S> }>
export function timer(schema: Schema = nothing as Schema): Timer<TimerTypes> {
  return build(startChain('A timer', 1, schema))
}

function build<T extends TimerTypes>(chain: VersionChain): Timer<T> {
  return {
    kind: 'timer',
    chain,
    version: (version, schema, upcast) => build(extendChain(chain, version, schema, upcast as never)),
  }
}

/** What setting a timer takes. */
export type TimerInput<T extends TimerDefinition> = NonNullable<T['~types']>['input']

/** What the function gets that runs when a timer comes due. */
export type TimerData<T extends TimerDefinition> = NonNullable<T['~types']>['data']
