// The port that carries a handler's lookup to the owner of a query. Input and answer are JSON text, even within one process.

import type { Position } from './awaitable.ts'

/** How far the owner's read models must have read before it answers. */
export interface MinimumPosition {
  /** The epoch of the owner's store when it published the event. */
  readonly epoch: string
  /** The event's position in the owner's event log. */
  readonly position: Position
}

/** A lookup to carry out. */
export interface LookupRequest {
  /** The owner of the query. */
  readonly service: string
  readonly query: string
  /** The input as JSON text. */
  readonly input: string
  /** The answer must not be older than this. */
  readonly minimumPosition: MinimumPosition | undefined
  readonly correlationId: string
  /** The id of the principal that is served; `null` if unknown. */
  readonly principal: string | null
  /** The tenant of that principal; `null` if it has none. */
  readonly tenant: string | null
  /** W3C trace context of the lookup; `null` without tracing. */
  readonly traceparent: string | null
  /** What tracers add to the trace context; `null` if nothing. */
  readonly tracestate: string | null
  /** How long to wait for the answer, in milliseconds. */
  readonly timeoutMs: number
}

/** An answer: JSON text, or `found: false` if there is nothing to answer with. */
export type LookupAnswer = { readonly found: true; readonly output: string } | { readonly found: false }

/**
 * Carries lookups.
 *
 * Failure: throws `LOOKUP_UNAVAILABLE` if the owner cannot be reached or does not answer in time, `LOOKUP_BEHIND` if it has not caught up,
 *   `INVALID_PAYLOAD` if it refuses the input, `UNKNOWN_QUERY` if it has no such query.
 * Idempotence: a lookup changes nothing; it can be repeated at any time.
 */
export interface Lookups {
  ask(request: LookupRequest): Promise<LookupAnswer>
}
