// Timers: something that comes due at a moment, under a key. The data of a timer are versioned, like all stored data.

import { isTidingsError, TidingsError } from '../errors/index.ts'
import { parseCron } from './cron.ts'
import type { NextVersionIs, NumberAfter } from './next-version.ts'
import type { IfSame } from './same-type.ts'
import type { InputOf, OutputOf, Schema } from './schema.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** When a recurring timer comes due. */
export interface CronTime {
  /** Five fields as in crontab(5): `30 9 * * mon-fri`. */
  readonly cron: string
  /** An IANA time zone. Default: `UTC`. Daylight saving neither loses nor doubles an occurrence. */
  readonly timeZone?: string
}

/** The types of a timer. */
export interface TimerTypes {
  readonly input: unknown
  readonly data: unknown
}

/** The types of a timer whose schema does not change what it accepts. */
export interface TimerOf<Data> extends TimerTypes {
  readonly input: Data
  readonly data: Data
}

/** The types of a timer whose schema accepts one type and returns another. */
export interface ParsedTimerOf<Input, Data> extends TimerTypes {
  readonly input: Input
  readonly data: Data
}

/** The types of a timer without data. */
export interface WithoutData extends TimerTypes {
  readonly input: undefined
  readonly data: null
}

type TimerTypesOf<Input, Data> = IfSame<Input, Data, TimerOf<Data>, ParsedTimerOf<Input, Data>>

/** The data of a timer, in all versions. */
export interface TimerDefinition<T extends TimerTypes = TimerTypes> {
  readonly kind: 'timer'
  readonly chain: VersionChain
  /** Set if the service itself sets it. */
  readonly every?: Required<CronTime>
  /** Types only; never set. */
  readonly '~types'?: T
}

/** A timer to which you can add versions. */
export interface Timer<T extends TimerTypes, V extends number = number> extends TimerDefinition<T> {
  /** Adds the next version; `upcast` converts data of timers that older code set. */
  version<S extends Schema>(
    version: NextVersionIs<NumberAfter<V>>,
    schema: S,
    upcast: (older: T['data']) => InputOf<S>,
  ): Timer<TimerTypesOf<InputOf<S>, OutputOf<S>>, NumberAfter<V>>
}

/** A recurring timer that is declared with its service: the service sets it when it starts, and no function sets or cancels it. */
export interface RecurringTimer extends TimerDefinition<WithoutData> {
  readonly every: Required<CronTime>
}

// The schema of a timer without data: accepts `undefined`, which JSON stores as `null`.
const noData = {
  version: 1,
  vendor: 'tidings',
  validate: (value: unknown) =>
    value === undefined || value === null ? { value: null } : { issues: [{ message: 'this timer has no data' }] },
  jsonSchema: { input: () => ({ type: 'null' }), output: () => ({ type: 'null' }) },
} as const
const nothing: Schema<undefined | null, null> = { '~standard': noData }

/** Defines a timer without data. Its name is its key in the `timers` of the service or process. */
export function timer(): Timer<WithoutData, 1>
/** Defines version 1 of a timer with data. */
export function timer<S extends Schema>(schema: S): Timer<TimerTypesOf<InputOf<S>, OutputOf<S>>, 1>
/**
 * Defines a recurring timer, for the `timers` of a service: `timer({ every: { cron: '30 9 * * mon-fri', timeZone: 'Europe/Berlin' } })`. The service
 * sets it when it starts, replaces it when a later version of the code declares another time, and removes it when it is no longer declared. Its
 * key is its name. Throws `INVALID_CONTRACT` if the expression or the zone is not valid.
 */
export function timer(options: { readonly every: CronTime }): RecurringTimer
export function timer(
  given: Schema | { readonly every: CronTime } = nothing as Schema,
): Timer<TimerTypes> | RecurringTimer {
  if (!isRecurring(given)) return build(startChain('A timer', 1, given))
  return { kind: 'timer', chain: startChain('A timer', 1, nothing as Schema), every: checkedEvery(given.every) }
}

function checkedEvery(every: CronTime): Required<CronTime> {
  try {
    const { cron, timeZone = 'UTC' } = every
    // Finds an expression that never occurs, too.
    parseCron(cron, timeZone).next(0)
    return { cron, timeZone }
  } catch (cause) {
    const why = isTidingsError(cause) ? cause.message : '`every` has no cron expression.'
    throw new TidingsError('INVALID_CONTRACT', `A recurring timer is not valid: ${why}`, { cause })
  }
}

function isRecurring(given: Schema | { readonly every: CronTime }): given is { readonly every: CronTime } {
  // An array has an `every`, too.
  return typeof given === 'object' && given !== null && Object.hasOwn(given, 'every') && !('~standard' in given)
}

function build<T extends TimerTypes, V extends number>(chain: VersionChain): Timer<T, V> {
  return {
    kind: 'timer',
    chain,
    version: (version, schema, upcast) => build(extendChain(chain, version as number, schema, upcast as never)),
  }
}

/** The data that you pass to set a timer. */
export type TimerInput<T extends TimerDefinition> = NonNullable<T['~types']>['input']

/** The data that the function receives when the timer comes due. */
export type TimerData<T extends TimerDefinition> = NonNullable<T['~types']>['data']
