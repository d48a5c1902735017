// The outbox of a store: a unit of work writes the events it publishes here, in its own transaction. Nothing has to relay them:
// the table they are written to is the event log that others read (see sqlite-event-log.ts).
// Invariant: positions are 1, 2, 3, … in the order of the commits. There is one writer, so it counts by itself.

import type { DatabaseSync } from 'node:sqlite'
import type { EventRecord } from 'tidings'
import type { Position } from 'tidings/ports'
import { checksumOf } from '../database/sqlite-checksums.ts'
import { prepareLater } from '../database/sqlite-connection.ts'
import { positionWriter } from '../database/sqlite-positions.ts'
import type { EventLogReader } from './sqlite-event-log.ts'
import type { EventLogBlocks } from './sqlite-event-log-blocks.ts'
import type { RecentEvents } from './sqlite-recent-events.ts'

const plainColumns = [
  ...['position', 'id', 'type', 'version', 'readable_from', 'key', 'data', 'occurred_at', 'recorded_at'],
  ...['correlation_id', 'causation_id', 'caused_by', 'checksum'],
]

// Most events have none of these, and each value that is bound takes its time.
const rareColumns = ['downcasts', 'entity_version', 'principal', 'traceparent', 'tenant', 'tracestate']

/** The outbox of a store that is open for writing. */
export interface Outbox {
  /** The number of the last event, including the transaction that is open. */
  readonly head: number
  /** That number as a position. */
  readonly headPosition: Position
  /** Appends an event within a transaction. */
  append(event: EventRecord): void
  /** Reads the head again after a rollback. */
  reload(): void
}

/** Opens the outbox of a store. */
export function openOutbox(
  database: DatabaseSync,
  eventLog: EventLogReader,
  { recent, blocks }: { readonly recent: RecentEvents; readonly blocks: EventLogBlocks },
): Outbox {
  const plain = prepareLater(database, insertOf(plainColumns))
  const full = prepareLater(database, insertOf([...plainColumns, ...rareColumns]))
  let head = eventLog.head()
  const positionOf = positionWriter()
  return {
    get head() {
      return head
    },
    get headPosition() {
      return positionOf(head)
    },
    append: (event) => {
      const position = head + 1
      const { id, type, version, readableFrom, key, data, occurredAt, recordedAt } = event
      const { correlationId, causationId, causedBy } = event
      const sum = checksumOf(event)
      if (isPlain(event))
        plain().run(
          position,
          id,
          type,
          version,
          readableFrom,
          key,
          data,
          occurredAt,
          recordedAt,
          correlationId,
          causationId,
          causedBy,
          sum,
        )
      else {
        const { downcasts, entityVersion, principal, traceparent, tenant, tracestate } = event
        full().run(
          position,
          id,
          type,
          version,
          readableFrom,
          key,
          data,
          occurredAt,
          recordedAt,
          correlationId,
          causationId,
          causedBy,
          sum,
          downcasts,
          entityVersion,
          principal,
          traceparent,
          tenant,
          tracestate,
        )
      }
      recent.add(position, event)
      head = position
      blocks.add(position, event)
    },
    reload: () => {
      recent.forget()
      head = eventLog.head()
    },
  }
}

function insertOf(columns: readonly string[]): string {
  return `INSERT INTO tidings_log (${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length - 1)})`
}

function isPlain({ downcasts, entityVersion, principal, traceparent, tenant, tracestate }: EventRecord): boolean {
  return (
    downcasts === null &&
    entityVersion === null &&
    principal === null &&
    traceparent === null &&
    tenant === null &&
    tracestate === null
  )
}
