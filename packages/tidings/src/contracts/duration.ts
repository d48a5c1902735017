// Durations written as parts. Invariant: a duration is a whole number of milliseconds, the sum of its parts.

import { TidingsError } from '../errors/index.ts'

/** A duration, the sum of its parts: `{ minutes: 10 }`, `{ days: 1, hours: 6 }`. A day is 24 hours. */
export interface Duration {
  /** Days of 24 hours. */
  readonly days?: number
  /** Hours. */
  readonly hours?: number
  /** Minutes. */
  readonly minutes?: number
  /** Seconds. */
  readonly seconds?: number
  /** Milliseconds. */
  readonly milliseconds?: number
}

const partMs: Readonly<Record<string, number>> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
}

/** A duration in milliseconds; throws `INVALID_PAYLOAD` if it is negative, not finite, or has an unknown part. */
export function durationMs(duration: Duration): number {
  let ms = typeof duration === 'object' && duration !== null ? 0 : Number.NaN
  for (const [part, count] of Object.entries(duration ?? {})) {
    if (count === undefined) continue
    ms += typeof count === 'number' && Object.hasOwn(partMs, part) ? count * (partMs[part] ?? Number.NaN) : Number.NaN
  }
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms)
  throw new TidingsError('INVALID_PAYLOAD', `${JSON.stringify(duration)} is not a duration of zero or more.`)
}
