// Units of work for tests.

import type { EventRecord } from 'tidings'
import type { Append, ColumnValue, CommitUnit, NewFact } from 'tidings/ports'

/** A unit of work from its parts. */
export function unit(parts: Partial<CommitUnit>): CommitUnit {
  return { checks: [], rows: [], appends: [], events: [], ...parts }
}

/** A unit that puts one row. */
export function put(table: string, key: string, document: unknown, columns: readonly ColumnValue[] = []): CommitUnit {
  return unit({ rows: [{ table, key, row: { schemaVersion: 1, json: JSON.stringify(document), columns } }] })
}

/** A unit that publishes events. */
export function publish(...events: readonly EventRecord[]): CommitUnit {
  return unit({ events })
}

/** An event. */
export function event(id: string, parts: Partial<EventRecord> = {}): EventRecord {
  return {
    id,
    source: 'orders',
    type: 'shop.order-placed',
    version: 1,
    readableFrom: 1,
    key: `order-${id}`,
    data: '{"total":1}',
    downcasts: null,
    entityVersion: null,
    occurredAt: 1_700_000_000_000,
    recordedAt: 1_700_000_000_001,
    correlationId: `conversation-${id}`,
    causationId: `command-${id}`,
    causedBy: 'command/place-order',
    principal: null,
    tenant: null,
    traceparent: null,
    tracestate: null,
    ...parts,
  }
}

/** An append of facts of one type. */
export function append(stream: string, expectedVersion: number, count: number): Append {
  const fact: NewFact = {
    type: 'placed',
    version: 1,
    data: '{}',
    occurredAt: 1,
    recordedAt: 2,
    correlationId: 'conversation',
    causationId: 'command',
    causedBy: 'command/place-order',
    principal: null,
    tenant: null,
  }
  return { category: 'order', stream, expectedVersion, facts: Array.from({ length: count }, () => fact) }
}
