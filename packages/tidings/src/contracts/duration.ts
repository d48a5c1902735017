// Spans of time in words. Invariant: a span is a whole number of milliseconds, and the parts add up.

import { TidingsError } from '../errors/index.ts'

/** A span of time; its parts add up: `{ minutes: 10 }`, `{ days: 1, hours: 6 }`. A day is 24 hours. */
export interface Duration {
  readonly days?: number
  readonly hours?: number
  readonly minutes?: number
  readonly seconds?: number
  readonly milliseconds?: number
}

/** A duration in milliseconds; throws `INVALID_PAYLOAD` where it is not a finite span of zero or more. */
export function durationMs(duration: Duration): number {
  const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = duration
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms)
  throw new TidingsError('INVALID_PAYLOAD', `${JSON.stringify(duration)} is not a span of time of zero or more.`)
}
