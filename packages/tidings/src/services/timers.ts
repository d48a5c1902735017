// What functions are given to set and cancel timers and to request effects. Types only.
// Invariant: what is set, cancelled or requested takes effect with everything else of its unit of work, or not at all.

import type {
  Duration,
  EffectContract,
  EffectInput,
  TimerData,
  TimerDefinition,
  TimerInput,
} from '../contracts/index.ts'

/** The timers of a service or a process, by name. */
export type Timers = Readonly<Record<string, TimerDefinition>>

/** A timer that is set. */
export interface SetTimer<T extends TimerDefinition = TimerDefinition> {
  readonly dueAt: Date
  readonly data: TimerData<T>
}

/** What a timer carries, where it carries anything. */
export type TimerPayload<T extends TimerDefinition> =
  undefined extends TimerInput<T> ? [data?: TimerInput<T>] : [data: TimerInput<T>]

/** When a cron timer comes due. */
export interface CronTime {
  /** Five fields, as crontab(5) reads them: `30 9 * * mon-fri`. */
  readonly cron: string
  /** An IANA time zone. Default: `UTC`. Daylight saving neither loses nor doubles an occurrence. */
  readonly timeZone?: string
}

/**
 * One of a service's timers: for each key at most one is set. Setting it again replaces what was set.
 *
 * Each fires once in effect; of cancelling and firing, what is committed first wins.
 */
export interface KeyedTimer<T extends TimerDefinition> {
  /** Sets it to come due so long after what is being handled occurred (not after now: a catch-up gives the same moments). */
  after(key: string, duration: Duration, ...data: TimerPayload<T>): void
  /** Sets it to come due at a moment; one that has passed is due at once. */
  at(key: string, moment: Date, ...data: TimerPayload<T>): void
  /** Sets it to come due again and again, until it is cancelled or set otherwise; occurrences that were missed come as one. */
  every(key: string, time: CronTime, ...data: TimerPayload<T>): void
  /** Takes it back; no error where none is set. */
  cancel(key: string): void
  /** What is set for a key, or `undefined`. */
  get(key: string): Promise<SetTimer<T> | undefined>
}

/** A service's timers, by name. */
export type KeyedTimers<T extends Timers> = { readonly [Name in keyof T]: KeyedTimer<T[Name]> }

/** One of a process's timers: each instance has its own. */
export interface OwnTimer<T extends TimerDefinition> {
  /** As `KeyedTimer.after`, for this instance. */
  after(duration: Duration, ...data: TimerPayload<T>): void
  /** As `KeyedTimer.at`, for this instance. */
  at(moment: Date, ...data: TimerPayload<T>): void
  /** As `KeyedTimer.every`, for this instance. */
  every(time: CronTime, ...data: TimerPayload<T>): void
  /** As `KeyedTimer.cancel`, for this instance. */
  cancel(): void
  /** As `KeyedTimer.get`, for this instance. */
  get(): Promise<SetTimer<T> | undefined>
}

/** A process's timers, by name. */
export type OwnTimers<T extends Timers> = { readonly [Name in keyof T]: OwnTimer<T[Name]> }

/** What a function knows of the timer that came due. */
export interface DueTimer {
  readonly key: string
  readonly dueAt: Date
  /** How much later than due it runs, in milliseconds; 0 or more. The service may have been down. */
  readonly lateMs: number
  /** Later occurrences that have passed as well and come as this one (cron timers; at most 10,000 are counted); 0 for others. */
  readonly missed: number
}

/** Requesting effects: only those that were declared. */
export interface Requesting<E extends EffectContract> {
  /**
   * Requests an effect: it is performed after this unit of work was committed, at least once, under one idempotency key.
   *
   * @param options.after - performs it no sooner than so long after what is being handled occurred. Default: at once.
   * @returns the effect's id, which is its idempotency key.
   *
   * Throws `INVALID_PAYLOAD` or `NOT_DECLARED`.
   */
  request<R extends E>(effect: R, input: EffectInput<R>, options?: { readonly after?: Duration }): string
}
