// How a handler's lookup reaches the owner of a query. Bytes go out and bytes come back, also within one process.

import type { Position } from './awaitable.ts'

/** What the owner must have seen before it answers. */
export interface MinimumPosition {
  /** The epoch of the owner's store when it published the event. */
  readonly epoch: string
  /** The event's position in the owner's log. */
  readonly position: Position
}

/** A question on its way. */
export interface LookupRequest {
  /** The owner of the query. */
  readonly service: string
  readonly query: string
  /** The input as JSON text. */
  readonly input: string
  /** Never answer from a state older than this. */
  readonly minimumPosition: MinimumPosition | undefined
  readonly correlationId: string
  readonly principal: string | null
  /** Give up after so many milliseconds. */
  readonly timeoutMs: number
}

/** An answer: JSON text, or `gone`. */
export type LookupAnswer = { readonly found: true; readonly output: string } | { readonly found: false }

/**
 * Carries lookups.
 *
 * Failure: throws `LOOKUP_UNAVAILABLE` where the owner cannot be reached or does not answer in time, `LOOKUP_BEHIND` where it has not caught up,
 *   `INVALID_PAYLOAD` where it refuses the input, `UNKNOWN_QUERY` where it has no such query.
 * Idempotence: a lookup changes nothing; it may be asked again at any time.
 */
export interface Lookups {
  ask(request: LookupRequest): Promise<LookupAnswer>
}
