// What becomes of an event whose handling failed: tried again after a pause, waiting, or parked.

import { isTidingsError, retryOf, TidingsError } from '../../errors/index.ts'
import type { Random } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { type HeldError, type HeldEvent, referenceOf } from './retry-queue.ts'

/** What is known when an event has failed. */
export interface Failure {
  readonly delivery: Delivery
  /** As it was held before; `undefined` at its first failure. */
  readonly before: HeldEvent | undefined
  readonly error: unknown
  readonly now: number
}

/** The held event that a failure leads to. */
export function judgeFailure({ delivery, before, error, now }: Failure, limits: Limits, random: Random): HeldEvent {
  const retry = retryOf(error)
  const counted = retry === 'backoff' || retry === 'never'
  const attempts = (before?.attempts ?? 0) + (counted ? 1 : 0)
  const waits = (before?.waits ?? 0) + (counted ? 0 : 1)
  const heldAt = before?.heldAt ?? now
  const usedUp = retry === 'backoff' && attempts >= limits.attemptsMax
  const waitedTooLong = isTidingsError(error, 'REPLICA_ROW_MISSING') && now - heldAt >= limits.waitMsMax
  const parked = retry === 'never' || usedUp || waitedTooLong
  return {
    ...referenceOf(delivery),
    state: parked ? 'parked' : counted ? 'retrying' : 'waiting',
    attempts,
    waits,
    dueAt: now + (parked ? 0 : retryDelay(counted ? attempts : waits, limits, random)),
    heldAt,
    error: describeError(error),
  }
}

/** The pause before the next try: doubled each time up to a limit, with up to a fifth taken off so that many do not come at once. */
export function retryDelay(failures: number, limits: Limits, random: Random): number {
  const full = Math.min(limits.retryDelayMs * 2 ** Math.min(failures - 1, 30), limits.retryDelayMsMax)
  return Math.ceil(full * (1 - 0.2 * random.next()))
}

/** An error as it is kept with a held event: no payload, no details. */
export function describeError(error: unknown): HeldError {
  if (error instanceof TidingsError) {
    return { code: error.code, message: cut(error.message), hint: error.hint, stack: stackOf(error.cause ?? error) }
  }
  const message =
    error instanceof Error
      ? `${error.name}: ${error.message}`
      : `A handler threw ${typeof error === 'string' ? error : typeof error}.`
  return {
    code: 'HANDLER_FAILED',
    message: cut(message),
    hint: 'Read the error, mend the handler, deploy, and redrive.',
    stack: stackOf(error),
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error && error.stack !== undefined
    ? error.stack.split('\n').slice(1, 9).join('\n')
    : undefined
}

function cut(text: string): string {
  return text.length > 1_000 ? `${text.slice(0, 999)}…` : text
}
