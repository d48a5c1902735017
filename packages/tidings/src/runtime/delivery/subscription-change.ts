// What a commit changes in the state of a subscription, and why it may be refused.

import type { Position, SlotRange } from '../../ports/index.ts'
import type { DeferredEvent } from './deferred-event.ts'
import type { HeardEvent } from './read-position.ts'
import type { RunningDelivery } from './running-delivery.ts'

/** How far a subscriber has read one source, as stored. */
export interface Checkpoint {
  /** The last position that was handled, deferred or skipped. */
  readonly position: Position
  /** The epoch of the source's store; empty until the source is read for the first time. */
  readonly epoch: string
  /** The handlers of the subscription, each with the position after which it starts. */
  readonly handlers: Readonly<Record<string, Position>>
  /** Rows of delivery records that were written, for pruning them. */
  readonly batches: number
  /** The records of the last deliveries that are in no row yet. Earlier builds kept none here. */
  readonly recent?: readonly RecentDelivery[] | undefined
  /** The event at its position, of whatever type. Builds that do not know it keep it as it is, so it counts only if its position is the same. */
  readonly heard?: HeardEvent | undefined
  /** Events that were handled, deferred or skipped beyond its position, before the partitions of the subscriber changed. */
  readonly passed?: readonly PassedSlots[] | undefined
}

/** The record of a delivery that was handled at its first attempt: its position, its duration, and when its batch ended. */
export type RecentDelivery = readonly [position: Position, durationMicros: number, at: number]

/** Slots whose events were passed up to a position. */
export interface PassedSlots extends SlotRange {
  readonly upTo: Position
}

/** What a commit changes in a subscription. */
export interface SubscriptionChange {
  readonly checkpoint?: Checkpoint | undefined
  /** Events that are deferred, for the first time or again. */
  readonly deferred?: readonly DeferredEvent[]
  /** Deferred events that were handled or given up. */
  readonly settled?: readonly DeferredEvent[]
  /** How many deliveries were handled. */
  readonly handled?: number
  /** Deliveries of the unit whose handlers go on by themselves. */
  readonly running?: readonly RunningDelivery[]
  /** The deferred event that was retried. */
  readonly retried?: DeferredEvent | undefined
}

/** Another runtime has moved this subscription's checkpoint. */
export class Fenced extends Error {}

/** A deferred event was changed or given up while it was retried: the attempt has no effect. */
export class Superseded extends Error {}

interface Followed {
  /** The revision of its checkpoint that it knows. */
  readonly revision: number
  readonly core: {
    readonly underWay: { answered(): Promise<void> }
    readonly environment: { readonly timeouts: { soon(run: () => void): unknown } }
  }
}

/** Whether another runtime has changed a checkpoint to this revision: not if that was a commit of its own whose answer is on its way. */
export async function isBehind(subscription: Followed, revision: number): Promise<boolean> {
  if (revision <= subscription.revision) return false
  const { underWay, environment } = subscription.core
  await underWay.answered()
  await new Promise<void>((resolve) => environment.timeouts.soon(resolve))
  return revision > subscription.revision
}
