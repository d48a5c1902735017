// The outbox of a store: a unit of work writes the events it publishes here, in its own transaction. Nothing has to relay them:
// the table they are written to is the event log that others read (see sqlite-event-log.ts).
// Invariant: positions are 1, 2, 3, … in the order of the commits. There is one writer, so it counts by itself.

import type { DatabaseSync } from 'node:sqlite'
import type { EventRecord } from 'tidings'
import { checksumOf } from '../database/sqlite-checksums.ts'
import { prepare } from '../database/sqlite-connection.ts'
import { type EventLogReader, eventColumns } from './sqlite-event-log.ts'

/** The outbox of a store that is open for writing. */
export interface Outbox {
  /** The number of the last event, including the transaction that is open. */
  readonly head: number
  /** Appends an event within a transaction. */
  append(event: EventRecord): void
  /** Reads the head again after a rollback. */
  reload(): void
}

/** Opens the outbox of a store. */
export function openOutbox(database: DatabaseSync, eventLog: EventLogReader): Outbox {
  const insert = prepare(
    database,
    `INSERT INTO tidings_log (${eventColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  let head = eventLog.head()
  return {
    get head() {
      return head
    },
    append: (event) => {
      insert.run(
        head + 1,
        event.id,
        event.type,
        event.version,
        event.readableFrom,
        event.key,
        event.data,
        event.downcasts,
        event.entityVersion,
        event.occurredAt,
        event.recordedAt,
        event.correlationId,
        event.causationId,
        event.causedBy,
        event.principal,
        event.traceparent,
        event.tenant,
        event.tracestate,
        checksumOf(event),
      )
      head += 1
    },
    reload: () => {
      head = eventLog.head()
    },
  }
}
