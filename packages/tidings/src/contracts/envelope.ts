// The envelope: what an event carries besides its data. One record, from the outbox to the last handler.
// Invariant: `data` is JSON text and is never re-serialised on its way.

/** An event as it is stored and carried. */
export interface EventRecord {
  /** Unique within its source. */
  readonly id: string
  /** The service that published it. */
  readonly source: string
  /** The contract's name. */
  readonly type: string
  /** The version of the contract its data follow. */
  readonly version: number
  /** The oldest version whose readers can read the data as they are. */
  readonly readableFrom: number
  readonly key: string
  /** The data as JSON text; `null` is a tombstone: the entity is gone (state transfer). */
  readonly data: string | null
  /** Older renderings of the data as JSON text ({"1": …}), for readers that do not know this version. */
  readonly downcasts: string | null
  /** The version of the entity, counted per contract and key (state transfer), otherwise `null`. */
  readonly entityVersion: number | null
  /** When it happened, in milliseconds since 1970 (UTC). */
  readonly occurredAt: number
  /** When it was committed, in milliseconds since 1970 (UTC). */
  readonly recordedAt: number
  /** The conversation: the id of the command or event that began it all. */
  readonly correlationId: string
  /** The id of the command or event that led to this one. */
  readonly causationId: string
  /** Who published it: `command/place-order`, `handler/dispatch-parcel`. */
  readonly causedBy: string
  /** Who caused it, as `authorize` of the HTTP API named them. */
  readonly principal: string | null
  /** W3C trace context. */
  readonly traceparent: string | null
}

/** A committed event at its place in its source's log. */
export interface LoggedEvent extends EventRecord {
  /** Where it stands in its source's log. Opaque; compares by code units. */
  readonly position: string
}

/** What a handler sees of an event besides its data. */
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
  readonly principal: string | null
}

/** The part of an event record that a handler may see. */
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
  }
}
