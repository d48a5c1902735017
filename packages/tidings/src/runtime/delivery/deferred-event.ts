// A deferred event: one that failed and is retried, waits or is parked, and a later one of its key that is blocked behind it.
// Kept by reference: the event itself is read again from its source's history, at its position.

import type { Position } from '../../ports/index.ts'
import type { ErrorSummary } from '../failures/error-summary.ts'

/**
 * How a deferred event stands.
 *
 * - `retrying`: it failed and is tried again, counted.
 * - `waiting`: something has yet to arrive; it is tried again, not counted.
 * - `parked`: its attempts are used up (or a retry cannot help); it waits for a redrive.
 * - `blocked`: an earlier event of its key is deferred.
 */
export type DeferredState = 'retrying' | 'waiting' | 'parked' | 'blocked'

/** What identifies a delivery and its place. */
export interface DeliveryReference {
  readonly id: string
  readonly type: string
  /** Deliveries of one key keep their order. */
  readonly key: string
  readonly position: Position
  readonly correlationId: string
}

/** A deferred event as it is kept. */
export interface DeferredEvent extends DeliveryReference {
  readonly state: DeferredState
  /** Attempts that failed. */
  readonly attempts: number
  /** Attempts that were not counted. */
  readonly waits: number
  /** When it is tried next, in milliseconds since 1970. */
  readonly dueAt: number
  /** When it was first deferred, in milliseconds since 1970. */
  readonly deferredAt: number
  readonly error: ErrorSummary | undefined
}

/** The key under which a delivery is deferred: what fails blocks the later deliveries of this key. */
export function deferralKey(delivery: DeliveryReference): string {
  return delivery.key
}

/** The part of a deferred event that refers to its delivery. */
export function referenceTo(delivery: DeliveryReference): DeliveryReference {
  const { id, type, position, correlationId } = delivery
  return { id, type, key: deferralKey(delivery), position, correlationId }
}

/** Defers a delivery behind an earlier event of its key. */
export function deferBlocked(delivery: DeliveryReference, now: number): DeferredEvent {
  const reference = referenceTo(delivery)
  return { ...reference, state: 'blocked', attempts: 0, waits: 0, dueAt: now, deferredAt: now, error: undefined }
}

/** Tries a parked event again from now on, as if it had never failed. */
export function retryAnew(parked: DeferredEvent, now: number): DeferredEvent {
  return { ...parked, state: 'retrying', attempts: 0, waits: 0, dueAt: now, deferredAt: now }
}
