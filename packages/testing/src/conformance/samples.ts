// Rows, facts and events for the suites. Times are fixed; ids count within one sampler, so that a failing test reads the same twice.

import type { EventRecord, LoggedEvent } from 'tidings'
import type { Append, ColumnValue, NewFact, RowWrite } from 'tidings/ports'

const start = Date.UTC(2026, 0, 1)

/** An event; `number` makes its id and key. */
export function sampleEvent(number: number, parts: Partial<EventRecord> = {}): EventRecord {
  return {
    id: `event-${number}`,
    source: 'alpha',
    type: 'shop.order-placed',
    version: 1,
    readableFrom: 1,
    key: `order-${number}`,
    data: JSON.stringify({ number }),
    downcasts: null,
    entityVersion: null,
    occurredAt: start + number,
    recordedAt: start + number + 1,
    correlationId: `conversation-${number}`,
    causationId: `command-${number}`,
    causedBy: 'command/place-order',
    principal: null,
    traceparent: null,
    ...parts,
  }
}

/** Events numbered from 1, or from `first`. */
export function sampleEvents(count: number, parts: Partial<EventRecord> = {}, first = 1): EventRecord[] {
  return Array.from({ length: count }, (_, index) => sampleEvent(first + index, parts))
}

/** A fact. */
export function sampleFact(number: number, parts: Partial<NewFact> = {}): NewFact {
  return {
    type: 'placed',
    version: 1,
    data: JSON.stringify({ number }),
    occurredAt: start + number,
    recordedAt: start + number + 1,
    correlationId: `conversation-${number}`,
    causationId: `command-${number}`,
    causedBy: 'command/place-order',
    principal: null,
    ...parts,
  }
}

/** An append of so many facts to a stream. */
export function sampleAppend(stream: string, expectedVersion: number, count = 1, category = 'order'): Append {
  const facts = Array.from({ length: count }, (_, index) => sampleFact(expectedVersion + index + 1))
  return { category, stream, expectedVersion, facts }
}

/** A row whose document holds its key and its columns' values. */
export function sampleRow(table: string, key: string, columns: readonly ColumnValue[] = [], json?: string): RowWrite {
  return { table, key, row: { schemaVersion: 1, json: json ?? JSON.stringify({ key, columns }), columns } }
}

/** The number that `sampleEvent` put into an event. */
export function numberOf({ data }: EventRecord | LoggedEvent): number {
  return (JSON.parse(data ?? '{}') as { number: number }).number
}
