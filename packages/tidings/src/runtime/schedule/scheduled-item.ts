// What a service has to do later: timers that are set and effects that are requested, as rows of its store. An item is in the schedule,
// indexed by its due time; what is not handled directly when it comes due is moved into the queue of the subscription that handles it.
// Invariant: an item is in the schedule exactly once until it is handled; that row decides, the queue only gives the order.

import { readVersion, type TraceContext, type VersionChain } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Origin } from '../unit-of-work/origin.ts'

/** The owner of a service's own timers. The owner of other timers is their process manager, whose name cannot start with this character. */
export const serviceTimers = '-'

/** The subscriber of handlers that name none, and of the service's timers. */
export const defaultSubscriber = 'main'

/** A timer that is set, or an effect that is requested. */
export interface ScheduledItem {
  readonly kind: 'timer' | 'effect'
  /** Its key in the schedule; for an effect it contains the idempotency key. */
  readonly id: string
  /** For a timer the process manager, or `-` for the service; for an effect its name. */
  readonly owner: string
  /** The timer's or the effect's name. */
  readonly name: string
  /** Items of one key are handled one after the other. */
  readonly key: string
  /** The queue of the subscription that handles it. */
  readonly queue: string
  /** When it is due, in milliseconds since 1970. */
  readonly dueAt: number
  /** The version of the data. */
  readonly version: number
  /** The data as JSON text. */
  readonly data: string
  /** When it recurs. */
  readonly every?: { readonly cron: string; readonly timeZone: string }
  /** Whether the service declares it: no function has set it. */
  readonly declared?: true
  /** Set in a queue if this occurrence was parked: the timer has gone on, and this one stands for itself. */
  readonly released?: true
  /** How many occurrences are merged into this one. */
  readonly missed?: number
  /** For an effect that was performed, and whose outcome failed: what the other system answered, as JSON text if it is JSON. */
  readonly performed?: { readonly answer?: string; readonly fits: boolean }
  /** The work that has set or requested it. */
  readonly origin: KeptOrigin
}

/** The origin of an item as it is kept. Items that were set before origins had a tenant and a trace state have neither. */
export type KeptOrigin = Omit<Origin, 'service' | 'caller' | 'tenant' | 'tracestate'> &
  Partial<Pick<Origin, 'tenant' | 'tracestate'>>

/** A row of the schedule: the item waits, or was moved into its queue at a position (`claimed`). */
export type ScheduledRow = { readonly item: ScheduledItem } | { readonly claimed: string; readonly item: ScheduledItem }

/** The indexed due time of items that were moved: after every other due time (the largest value of a Date). */
export const claimedDueAt = 8_640_000_000_000_000

/** The key under which the deliveries of a timer keep their order: its owner's name, then its own key. */
export function timerLine(owner: string, key: string): string {
  return `${owner}/${key}`
}

/** The key of a timer as people know it, from the key of its delivery. An owner's name has no "/". */
export function keyOfTimer(line: string): string {
  return line.slice(line.indexOf('/') + 1)
}

/** The queue of a subscriber's timers. */
export function timerQueue(subscriber: string): string {
  return `timers.${subscriber}`
}

/** The queue of an effect. */
export function effectQueue(effect: string): string {
  return `effects.${effect}`
}

/** The key of a timer in the schedule. */
export function timerId(owner: string, name: string, key: string): string {
  return `timer/${owner}/${name}/${key}`
}

/** Checks a due time in milliseconds since 1970 and returns it; throws `INVALID_PAYLOAD` if it is not a valid date. */
export function checkDueAt(what: string, dueAt: number): number {
  if (Number.isFinite(dueAt) && Math.abs(dueAt) < claimedDueAt) return dueAt
  throw new TidingsError('INVALID_PAYLOAD', `${what} was given a due time that is not a valid date.`)
}

/** The part of an origin that is kept with an item: not the roles and claims of the caller. */
export function keptOrigin({ service: _service, caller: _caller, ...kept }: Origin): KeptOrigin {
  return kept
}

/** The origin of what an item does. Items that were set before origins had a tenant and a trace state have neither. */
export function originOfItem({ origin }: ScheduledItem, service: string): Origin {
  const { tenant = null, tracestate = null } = origin
  return { ...origin, tenant, tracestate, service }
}

/** The trace that an item belongs to. */
export function traceOfItem({ origin: { traceparent, tracestate = null } }: ScheduledItem): TraceContext {
  return { traceparent, tracestate }
}

/** The data of an item as the newest version this code knows. */
export function readItemData(chain: VersionChain, item: ScheduledItem): unknown {
  const data: unknown = JSON.parse(item.data)
  if (item.version === chain.latest.version) return data
  return readVersion(chain, { version: item.version, readableFrom: item.version, data })
}
