// A deferred event as it is stored. Its row uses older names, and has only what the subscription cannot tell by itself.
// Invariant: rows that earlier builds wrote stay readable.

import type { DeferredEvent } from './deferred-event.ts'

/**
 * What the deferred deliveries of a subscription block.
 *
 * - `key`: the later deliveries of their key.
 * - `instance`: the later deliveries of the same instances of process managers, which the subscription tells from each event.
 * - `itself`: nothing. Each timer that comes due stands for itself.
 */
export type DeferralScope = 'key' | 'instance' | 'itself'

/** A deferred event as stored. */
export type DeferredRow = Omit<DeferredEvent, 'state' | 'deferredAt' | 'keys' | 'ownKey' | 'handlers'> & {
  readonly state: Exclude<DeferredEvent['state'], 'blocked' | 'running'> | 'queued'
  readonly heldAt: number
  /** In the scope `instance`, once they are known. Rows of earlier builds have none: there, `key` is the event's own. */
  readonly keys?: readonly string[]
  readonly ownKey?: string
  /** Rows of earlier builds have none. */
  readonly handlers?: readonly string[]
}

// Whatever runs has ended when the row is read again: then it is due.
const storedStates = {
  retrying: 'retrying',
  waiting: 'waiting',
  parked: 'parked',
  blocked: 'queued',
  running: 'retrying',
} as const

/** The row of a deferred event. */
export function toRow(event: DeferredEvent, scope: DeferralScope): DeferredRow {
  const { id, type, key, position, correlationId, attempts, waits, dueAt, deferredAt, error, keys, ownKey, handlers } =
    event
  const state = storedStates[event.state]
  return {
    id,
    type,
    key,
    position,
    correlationId,
    state,
    attempts,
    ...(event.attemptsBefore === undefined ? {} : { attemptsBefore: event.attemptsBefore }),
    waits,
    dueAt,
    heldAt: deferredAt,
    error,
    ...(handlers === undefined ? {} : { handlers }),
    ...(scope === 'instance' && keys !== undefined ? { keys, ownKey } : {}),
  }
}

/** The deferred event of a row. */
export function fromRow({ state, heldAt, ...row }: DeferredRow, scope: DeferralScope): DeferredEvent {
  const ownKey = row.ownKey ?? row.key
  const place =
    scope === 'instance' ? { key: row.key, keys: row.keys } : { key: ownKey, keys: scope === 'key' ? [ownKey] : [] }
  return {
    ...row,
    ...place,
    ownKey,
    handlers: row.handlers,
    state: state === 'queued' ? 'blocked' : state,
    deferredAt: heldAt,
  }
}
