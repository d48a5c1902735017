// What waits for newer code: an event that a handler is for which only newer code has, or a timer that only newer code knows. While older code does
// the work, it is not tried. Invariant: nothing of it is passed, and newer code handles it once it has taken the work over.

import { TidingsError } from '../../errors/index.ts'
import type { DeferredEvent } from './deferred-event.ts'

/** The code of its error. */
export const newerCodeMissing = 'NEWER_CODE_MISSING'

/** Under which key of an instance it is deferred: newer code finds out which instances of process managers it belongs to. */
export const newerPlace = '~newer-code'

/** The error of something for which only newer code has a function: `what`, in words. */
export function waitsForNewerCode(service: string, type: string, what: string): TidingsError {
  return new TidingsError(
    newerCodeMissing,
    `${type} waits for newer code of ${service}: the code of this instance does not have ${what}.`,
  )
}

/** Whether a deferred event is one that waits for newer code. */
export function isForNewerCode({ state, error }: DeferredEvent): boolean {
  return state === 'waiting' && error?.code === newerCodeMissing
}
