// The envelope: what an event carries besides its data. The same record goes from the event log to every handler.
// Invariant: `data` is JSON text and is never serialised again on the way.

/** An event as it is stored and carried. */
export interface EventRecord {
  /** Unique within its source. */
  readonly id: string
  /** The service that published it. */
  readonly source: string
  /** The contract's name. */
  readonly type: string
  /** The version of the contract that the data follow. */
  readonly version: number
  /** If code knows this version of the contract or a newer one, it can read the data unchanged. */
  readonly readableFrom: number
  readonly key: string
  /** The data as JSON text; `null` is a tombstone: the entity was deleted (state transfer). */
  readonly data: string | null
  /**
   * The data in older versions of the contract, as JSON text (`{"1": …}`), for code that does not know this version; `null` if there are
   * none.
   */
  readonly downcasts: string | null
  /** The version of the entity, counted per contract and key (state transfer); `null` for other patterns. */
  readonly entityVersion: number | null
  /** When it happened, in milliseconds since 1970 (UTC). */
  readonly occurredAt: number
  /**
   * When it was recorded, in milliseconds since 1970 (UTC). Where several instances share a store, it is by the clock of the store, and never falls along
   * its positions.
   */
  readonly recordedAt: number
  /** The conversation: the id of the command or event that started it. */
  readonly correlationId: string
  /** The id of the command or event that caused this one. */
  readonly causationId: string
  /** The function that published it: `command/place-order`, `handler/dispatch-parcel`. */
  readonly causedBy: string
  /** The id of the principal that caused it, as `authorize` of the HTTP API returned it; `null` if unknown. */
  readonly principal: string | null
  /** The tenant of that principal; `null` if it has none. */
  readonly tenant: string | null
  /** W3C trace context; `null` without tracing. */
  readonly traceparent: string | null
  /** What tracers add to the trace context, as W3C `tracestate`; `null` if nothing. */
  readonly tracestate: string | null
}

/** A committed event with its position in its source's event log. */
export interface LoggedEvent extends EventRecord {
  /** The position in the source's event log. Treat it as opaque; positions compare by code units (`a < b`). */
  readonly position: string
}

/** What a handler receives of an event besides its data. */
export interface EventMeta {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly version: number
  readonly key: string
  readonly entityVersion: number | null
  readonly occurredAt: Date
  readonly recordedAt: Date
  readonly correlationId: string
  readonly causationId: string
  /** The id of the principal that caused it; `null` if unknown. */
  readonly principal: string | null
  /** The tenant of that principal; `null` if it has none. */
  readonly tenant: string | null
}

/** The part of an event record that a handler receives. */
export function metaOf(event: EventRecord): EventMeta {
  return {
    id: event.id,
    source: event.source,
    type: event.type,
    version: event.version,
    key: event.key,
    entityVersion: event.entityVersion,
    occurredAt: new Date(event.occurredAt),
    recordedAt: new Date(event.recordedAt),
    correlationId: event.correlationId,
    causationId: event.causationId,
    principal: event.principal,
    tenant: event.tenant,
  }
}
