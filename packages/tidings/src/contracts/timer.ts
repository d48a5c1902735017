// Timers: something that comes due at a moment, under a key. The data of a timer are versioned, like all stored data.

import type { InputOf, OutputOf, Schema } from './schema.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** The types of a timer. */
export interface TimerTypes {
  readonly input: unknown
  readonly data: unknown
}

/** The data of a timer, in all versions. */
export interface TimerDefinition<T extends TimerTypes = TimerTypes> {
  readonly kind: 'timer'
  readonly chain: VersionChain
  /** Types only; never set. */
  readonly '~types'?: T
}

/** A timer to which you can add versions. */
export interface Timer<T extends TimerTypes> extends TimerDefinition<T> {
  /** Adds the next version; `upcast` converts data of timers that older code set. */
  version<S extends Schema>(
    version: number,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
  ): Timer<{ input: InputOf<S>; data: OutputOf<S> }>
}

// The schema of a timer without data: accepts `undefined`, which JSON stores as `null`.
const nothing: Schema<undefined | null, null> = {
  '~standard': {
    version: 1,
    vendor: 'tidings',
    validate: (value) =>
      value === undefined || value === null ? { value: null } : { issues: [{ message: 'this timer has no data' }] },
  },
}

/** Defines a timer without data. Its name is its key in the `timers` of the service or process. */
export function timer(): Timer<{ input: undefined; data: null }>
/** Defines version 1 of a timer with data. */
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

/** The data that you pass to set a timer. */
export type TimerInput<T extends TimerDefinition> = NonNullable<T['~types']>['input']

/** The data that the function receives when the timer comes due. */
export type TimerData<T extends TimerDefinition> = NonNullable<T['~types']>['data']
