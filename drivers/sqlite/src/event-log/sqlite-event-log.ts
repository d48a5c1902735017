// The log of a store: the committed outbox, read by position. Invariant: `next` never moves beyond what was looked at, and
// a page never shows events behind the `head` it names. Nothing is ever taken from a log's end, so both hold without a snapshot.

import type { DatabaseSync } from 'node:sqlite'
import type { EventRecord, LoggedEvent } from 'tidings'
import { formatPosition, type LogPage, type LogRequest } from 'tidings/ports'
import { prepare, type Row, type Statement } from '../database/sqlite-connection.ts'
import { parsePosition } from '../database/sqlite-positions.ts'

/** The columns of an event, in the order `loggedEvent` takes them. */
export const logColumns = `position, id, type, version, readable_from, key, data, downcasts, entity_version, occurred_at, recorded_at,
  correlation_id, causation_id, caused_by, principal, traceparent`

/** Reads a log, in its own store or in a publisher's file. */
export interface LogReader {
  /** The number of the last event; 0 where there is none. */
  head(): number
  /** A page up to `head`. */
  page(request: LogRequest, head: number, epoch: string): LogPage
}

/** Opens a reader of a log. */
export function openLogReader(database: DatabaseSync, source: string): LogReader {
  const last = prepare(database, 'SELECT max(position) FROM tidings_log')
  const window = `SELECT ${logColumns} FROM tidings_log WHERE position > ? AND position <= ?`
  const every = prepare(database, `${window} ORDER BY position`)
  let ofTypes: Statement | undefined
  return {
    head: () => Number(last.get()?.[0] ?? 0),
    page: ({ after, limit, types }, head, epoch) => {
      const from = parsePosition(after)
      // A window of positions, not of matches: however few events match, a read looks at `limit` of them and no more.
      const upTo = Math.min(from + limit, head)
      if (upTo <= from) return { epoch, events: [], next: after, head: formatPosition(head) }
      ofTypes ??= prepare(database, `${window} AND type IN (SELECT value FROM json_each(?)) ORDER BY position`)
      const rows = types === undefined ? every.all(from, upTo) : ofTypes.all(from, upTo, JSON.stringify(types))
      const events = rows.map((row) => loggedEvent(row, source))
      return { epoch, events, next: formatPosition(upTo), head: formatPosition(head) }
    },
  }
}

/** The log of a store that is open for writing. */
export interface SqliteLog {
  /** The number of the last event, also of the commit under way. */
  readonly head: number
  /** Appends an event within a transaction. */
  append(event: EventRecord): void
  read(request: LogRequest, epoch: string): LogPage
  /** Reads the head again after a rollback. */
  reload(): void
}

/** Opens the log of a store. */
export function openLog(database: DatabaseSync, source: string): SqliteLog {
  const reader = openLogReader(database, source)
  const insert = prepare(
    database,
    `INSERT INTO tidings_log (${logColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  let head = reader.head()
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
      )
      head += 1
    },
    read: (request, epoch) => reader.page(request, head, epoch),
    reload: () => {
      head = reader.head()
    },
  }
}

/** A row of `logColumns` as an event. */
export function loggedEvent(row: Row, source: string): LoggedEvent {
  return {
    position: formatPosition(row[0] as number),
    id: row[1] as string,
    source,
    type: row[2] as string,
    version: row[3] as number,
    readableFrom: row[4] as number,
    key: row[5] as string,
    data: row[6] as string | null,
    downcasts: row[7] as string | null,
    entityVersion: row[8] as number | null,
    occurredAt: row[9] as number,
    recordedAt: row[10] as number,
    correlationId: row[11] as string,
    causationId: row[12] as string,
    causedBy: row[13] as string,
    principal: row[14] as string | null,
    traceparent: row[15] as string | null,
  }
}
