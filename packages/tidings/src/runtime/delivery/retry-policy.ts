// Decides what happens to an event whose handler failed: it is retried after a delay, waits for something, or is parked.

import { isTidingsError, retryOf } from '../../errors/index.ts'
import type { Random } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'
import { summarizeError } from '../failures/error-summary.ts'
import { retryDelay } from '../failures/retry-delay.ts'
import type { DeferredEvent, DeferredReference } from './deferred-event.ts'

/** A delivery that failed. */
export interface FailedDelivery {
  readonly reference: DeferredReference
  /** How it was deferred before; `undefined` at its first failure. */
  readonly before: DeferredEvent | undefined
  readonly error: unknown
  readonly now: number
}

/** The deferred event that a failure leads to. */
export function deferFailed(
  { reference, before, error, now }: FailedDelivery,
  limits: Limits,
  random: Random,
): DeferredEvent {
  const retry = retryOf(error)
  const counted = retry === 'backoff' || retry === 'never'
  const attempts = (before?.attempts ?? 0) + (counted ? attemptsIn(error) : 0)
  const waits = (before?.waits ?? 0) + (counted ? 0 : 1)
  const deferredAt = before?.deferredAt ?? now
  const usedUp = retry === 'backoff' && attempts >= limits.attemptsMax
  const waitedTooLong = isTidingsError(error, 'REPLICA_ROW_MISSING') && now - deferredAt >= limits.waitMsMax
  const parked = retry === 'never' || usedUp || waitedTooLong
  return {
    ...reference,
    state: parked ? 'parked' : counted ? 'retrying' : 'waiting',
    attempts,
    ...(before?.attemptsBefore === undefined ? {} : { attemptsBefore: before.attemptsBefore }),
    waits,
    dueAt: now + (parked ? 0 : retryDelay(counted ? attempts : waits, limits, random)),
    deferredAt,
    error: waitedTooLong ? { ...summarizeError(error), hint: rowNeverCame } : summarizeError(error),
  }
}

// A delivery that has killed its process has been tried each time.
function attemptsIn(error: unknown): number {
  const runs = isTidingsError(error, 'PROCESS_KILLED') ? error.details.runs : undefined
  return typeof runs === 'number' ? Math.max(1, runs) : 1
}

const rowNeverCame =
  'The row did not arrive within waitMsMax. Publish what it is made of, or handle a row that is missing (`get` instead of `require`); then redrive.'
