// What a service has to do later: timers that are set and effects that are requested, as rows of its store. An item waits in the agenda,
// found by the moment it is due; when that has come, it is moved into the queue of the subscription that handles it.
// Invariant: an item stands once in the agenda until it is handled; its entry there is what counts, the queue only gives the order.

import { readVersion, type VersionChain } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Origin } from '../unit-of-work/origin.ts'

/** The owner of a service's own timers; a process's timers bear its name, and no name begins so. */
export const serviceTimers = '-'

/** A timer that is set, or an effect that is requested. */
export interface ScheduledItem {
  readonly kind: 'timer' | 'effect'
  /** Its key in the agenda: for an effect also its idempotency key. */
  readonly id: string
  /** The process whose timer it is, `-` for the service's; the effect's name. */
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
  /** When it comes back. */
  readonly every?: { readonly cron: string; readonly timeZone: string }
  /** What it was set or requested by. */
  readonly origin: Omit<Origin, 'service'>
}

/** An item of the agenda as it is kept: waiting, or moved into its queue. */
export type ScheduledRow = { readonly item: ScheduledItem } | { readonly claimed: string; readonly item: ScheduledItem }

/** The indexed moment of items that have been moved: behind every moment there is (the largest value of a Date). */
export const claimedDueAt = 8_640_000_000_000_000

/** The queue of a subscription's timers. */
export function timerQueue(subscriber: string): string {
  return `timers.${subscriber}`
}

/** The queue of an effect. */
export function effectQueue(effect: string): string {
  return `effects.${effect}`
}

/** The key of a timer in the agenda. */
export function timerId(owner: string, name: string, key: string): string {
  return `timer/${owner}/${name}/${key}`
}

/** Checks the moment at which an item is due, in milliseconds since 1970, and returns it; throws `INVALID_PAYLOAD` where it is none. */
export function checkDueAt(what: string, dueAt: number): number {
  if (Number.isFinite(dueAt) && Math.abs(dueAt) < claimedDueAt) return dueAt
  throw new TidingsError('INVALID_PAYLOAD', `${what} was set to a moment that is none.`)
}

/** The data of an item as the newest version this code knows. */
export function readItemData(chain: VersionChain, item: ScheduledItem): unknown {
  const data: unknown = JSON.parse(item.data)
  if (item.version === chain.latest.version) return data
  return readVersion(chain, { version: item.version, readableFrom: item.version, data })
}
