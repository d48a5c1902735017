// What makes a subscription: its declaration, its reader, and what its handlers, timers or effects add to its work. Types only.

import type { SlotRange } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Delivery, DeliveryReader } from '../delivery-readers/delivery-reader.ts'
import type { DirectQueue } from '../schedule/direct-queue.ts'
import type { ReadModel } from '../tables/read-models.ts'
import type { RowCache } from '../unit-of-work/row-cache.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { DeferralPlace, DeferredEvent } from './deferred-event.ts'
import type { DeferralScope } from './deferred-row.ts'
import type { Invoke } from './invocation.ts'

/** What a subscription handles: `rebuild` fills a read model beside the live one. */
export type SubscriptionKind = 'handlers' | 'projection' | 'replica' | 'rebuild' | 'timers' | 'effects'

/** What makes a subscription. */
export interface SubscriptionOptions {
  readonly core: ServiceCore
  /** `main`, `replica.customers`, `projection.by-month`. */
  readonly subscriber: string
  readonly kind: SubscriptionKind
  /** The group of work that it belongs to: what one instance of the service does at a time. */
  readonly group: string
  /** The slots of the keys that it handles. Default: all. */
  readonly slots?: SlotRange
  readonly reader: DeliveryReader
  readonly invoke: Invoke
  /** If true, deliveries run one after the other, in the order of the source; if false, keys run in parallel. */
  readonly sequential: boolean
  /** The rows of a read model, shared by its subscriptions; they are its only writers. */
  readonly cache?: RowCache
  /** Whether its handlers are known to wait for something outside, such as lookups. Default: false, until one waits. */
  readonly handlersWait?: boolean
  /** The read model that it keeps, and the generation that a rebuild fills. It writes nothing after another runtime has switched generations. */
  readonly keeps?: { readonly readModel: ReadModel; readonly rebuilding?: number }
  /** Whether it keeps no delivery records, as a rebuild does. */
  readonly unrecorded?: boolean
  /** If it takes what is due directly from the schedule: its queue. */
  readonly direct?: DirectQueue | undefined
  /** What its deferred deliveries block. Default: the later deliveries of their key. */
  readonly scope?: DeferralScope
  /** In the scope `instance`: tells which instances an event belongs to; `undefined` if its data cannot be read. */
  readonly placeOf?: PlaceOf
  /** Which handlers a delivery is for, and which of those that a deferred event is for no longer exist. Default: it is not for handlers. */
  readonly audience?: Audience
  /** Adds to the commit that defers an event; see `WhileDeferring`. */
  readonly whileDeferring?: WhileDeferring
  /** Limits that differ from the service's: an effect has attempts of its own. */
  readonly limits?: Partial<Limits>
}

/** Whom deliveries are for. */
export interface Audience {
  /** The names of the handlers that a delivery is for. */
  handlersOf(delivery: Delivery): readonly string[]
  /**
   * The names of those that a deferred event is for and that no longer exist; `undefined` if all exist, none if an earlier build stored the event
   * without their names.
   */
  goneOf(event: DeferredEvent): readonly string[] | undefined
  /** Whether a deferred event is for a handler that only newer code of the service has. */
  waitsForNewerCode(event: DeferredEvent): boolean
}

/** Tells which instances an event belongs to; `undefined` if its data cannot be read. */
export type PlaceOf = (delivery: Delivery) => DeferralPlace | undefined

/**
 * Adds to the commit that defers a delivery which failed: what is kept of the attempt, and what goes on although it failed. Returns parked events
 * that are now part of this one.
 */
export type WhileDeferring = (unit: UnitOfWork, event: DeferredEvent) => Promise<readonly DeferredEvent[]>
