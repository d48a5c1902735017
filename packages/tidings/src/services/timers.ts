// How functions set and cancel timers and request effects. Types only.
// Invariant: timers and requests take effect with everything else in their unit of work, or not at all.

import type {
  CronTime,
  Duration,
  EffectContract,
  EffectInput,
  ReadonlyData,
  RecurringTimer,
  TimerData,
  TimerDefinition,
  TimerInput,
} from '../contracts/index.ts'
import type { DeclaredEffect } from './declared-use.ts'

/** The timers of a service or a process, by name. */
export type Timers = Readonly<Record<string, TimerDefinition>>

/** A timer that is set. */
export interface SetTimer<T extends TimerDefinition = TimerDefinition> {
  readonly dueAt: Date
  readonly data: TimerData<T>
}

/** The data argument of a timer, if it has data. */
export type TimerPayload<T extends TimerDefinition> =
  undefined extends TimerInput<T> ? [data?: TimerInput<T>] : [data: TimerInput<T>]

/**
 * One of a service's timers. At most one is set for each key; setting it again replaces it.
 *
 * The changes of its handler are committed exactly once. If it is cancelled while it fires, the first commit wins.
 */
export type KeyedTimer<T extends TimerDefinition> = {
  /**
   * Sets it to come due `duration` after the context's `occurredAt`. It does not count from the current time, so a handler that catches up
   * sets the same times.
   */
  after(key: string, duration: Duration, ...data: TimerPayload<T>): void
  /** Sets it to come due at a moment; if the moment has passed, it is due at once. */
  at(key: string, moment: Date, ...data: TimerPayload<T>): void
  /** Sets it to come due repeatedly until it is cancelled or set again; if occurrences are missed, they come as one. */
  every(key: string, time: CronTime, ...data: TimerPayload<T>): void
  /** Cancels it; no error if none is set. */
  cancel(key: string): void
  /** The timer that is set for a key, or `undefined`. */
  get(key: string): Promise<SetTimer<T> | undefined>
}

/** A service's timers, by name, without those that the service sets itself. */
export type KeyedTimers<T extends Timers> = {
  readonly [Name in keyof T as T[Name] extends RecurringTimer ? never : Name]: KeyedTimer<T[Name]>
}

/** One of a process's timers: each instance has its own. */
export type OwnTimer<T extends TimerDefinition> = {
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

/** The timer that came due. */
export interface DueTimer {
  /** The key under which it was set. */
  readonly key: string
  /** When it was due; the function may run later. */
  readonly dueAt: Date
  /** How late it runs, in milliseconds; 0 or more. The service may have been down. */
  readonly lateMs: number
  /** For a cron timer, the number of later occurrences that were missed too and are merged into this one (at most 10,000); otherwise 0. */
  readonly missed: number
}

/** Requests the declared effects. */
export interface Requesting<E extends EffectContract> {
  /**
   * Requests an effect. It is performed at least once, after this unit of work was committed, always with the same idempotency key.
   * @param options.after - the least time between the context's `occurredAt` and the first attempt. Default: at once.
   * @returns the effect's id, which is its idempotency key.
   *
   * Throws `INVALID_PAYLOAD` or `NOT_DECLARED`.
   */
  request<R extends DeclaredEffect<E['name']>>(
    effect: R,
    input: ReadonlyData<EffectInput<R>>,
    options?: { readonly after?: Duration },
  ): string
}
