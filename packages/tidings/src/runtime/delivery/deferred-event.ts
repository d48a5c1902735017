// A deferred event: one that failed and is retried, waits or is parked, or one that is blocked behind another of its key.
// It is kept by reference: the event itself is read again from its source's history, at its position.

import type { Position } from '../../ports/index.ts'
import type { ErrorSummary } from '../failures/error-summary.ts'

/**
 * The state of a deferred event.
 *
 * - `retrying`: it failed and is retried; each attempt counts.
 * - `waiting`: something it needs has not arrived; it is retried, and attempts do not count.
 * - `parked`: its attempts are used up, or a retry cannot help; it stays until a redrive.
 * - `blocked`: an earlier event of its key is deferred.
 * - `running`: its handler took longer than its batch and goes on by itself. If the process ends, it is retried at the next start.
 */
export type DeferredState = 'retrying' | 'waiting' | 'parked' | 'blocked' | 'running'

/** What identifies a delivery, and its position. */
export interface DeliveryReference {
  readonly id: string
  readonly type: string
  /** Deliveries of one key keep their order. */
  readonly key: string
  readonly position: Position
  readonly correlationId: string
}

/** Under which keys a delivery is deferred: it blocks the later deliveries that have one of them. */
export interface DeferralPlace {
  /** The key as operators see it: the event's own, or the instance's of a process manager. */
  readonly key: string
  /** None if it blocks nothing; `undefined` if they cannot be told yet. Then it blocks all deliveries that have its own key. */
  readonly keys: readonly string[] | undefined
}

/** A deferred event. */
export interface DeferredEvent extends DeliveryReference, DeferralPlace {
  /** The names of the handlers that it is for; `undefined` if an earlier build stored it, or if it is for no handlers. */
  readonly handlers: readonly string[] | undefined
  /** The delivery's own key. It differs from `key` where an instance of a process manager is deferred. */
  readonly ownKey: string
  readonly state: DeferredState
  /** Failed attempts that count. */
  readonly attempts: number
  /** Attempts before its last redrive; left out if there was none. */
  readonly attemptsBefore?: number
  /** Failed attempts that do not count, because something needed was not there. */
  readonly waits: number
  /** When it is retried next, in milliseconds since 1970. */
  readonly dueAt: number
  /** When it was first deferred, in milliseconds since 1970. */
  readonly deferredAt: number
  readonly error: ErrorSummary | undefined
}

/** The part of a deferred event that says what it is and what it blocks. */
export type DeferredReference = Pick<
  DeferredEvent,
  'id' | 'type' | 'key' | 'keys' | 'ownKey' | 'handlers' | 'position' | 'correlationId'
>

/** Defers a delivery of which no attempt has ended. */
export function deferUntried(
  reference: DeferredReference,
  state: 'blocked' | 'retrying' | 'running',
  now: number,
): DeferredEvent {
  return { ...reference, state, attempts: 0, waits: 0, dueAt: now, deferredAt: now, error: undefined }
}

/** All failed attempts that count, those before a redrive included. */
export function attemptsOf({ attempts, attemptsBefore = 0 }: DeferredEvent): number {
  return attemptsBefore + attempts
}

/** A parked event that is retried from now on, with its attempts reset. */
export function retryAnew(parked: DeferredEvent, now: number): DeferredEvent {
  const attemptsBefore = attemptsOf(parked)
  return { ...parked, state: 'retrying', attempts: 0, attemptsBefore, waits: 0, dueAt: now, deferredAt: now }
}
