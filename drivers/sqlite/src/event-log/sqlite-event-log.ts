// The event log of a store, read by position. It is also the store's outbox: sqlite-outbox.ts writes it.
// Invariant: `next` never moves past the last position that was looked at, and no event of a page is after the page's `head`. The end of an
// event log is never deleted, so both hold without a snapshot.

import type { DatabaseSync } from 'node:sqlite'
import type { LoggedEvent } from 'tidings'
import { type EventLogPage, type EventLogRequest, formatPosition, isInSlots, slotOfKey } from 'tidings/ports'
import { verifyChecksum } from '../database/sqlite-checksums.ts'
import { prepare, prepareLater, type Row, type Statement } from '../database/sqlite-connection.ts'
import { layoutVersion } from '../database/sqlite-layout.ts'
import { parsePosition } from '../database/sqlite-positions.ts'
import type { RecentEvents } from './sqlite-recent-events.ts'

/** The columns of an event, in the order `loggedEvent` takes them. */
export const eventColumns = `position, id, type, version, readable_from, key, data, downcasts, entity_version, occurred_at, recorded_at,
  correlation_id, causation_id, caused_by, principal, traceparent, tenant, tracestate, checksum`

// A publisher of an earlier build writes its own layout. What that did not keep reads as absent.
const eventColumnsOf = (layout: number) =>
  layout === 1 ? eventColumns.replace('tenant, tracestate, checksum', 'NULL, NULL, NULL') : eventColumns

/** Reads an event log, in its own store or in the file of another service. */
export interface EventLogReader {
  /** The number of the last event; 0 if there is none. */
  head(): number
  /** A page up to `head`. */
  page(request: EventLogRequest, head: number, epoch: string): EventLogPage
}

/** How an event log is read. */
export interface EventLogReaderOptions {
  /** The layout of the file; if it gets a later one, open another reader. Default: the latest. */
  readonly layout?: number
  /**
   * The latest events, if the connection is the file's writer. Then the event at a position stays what it is, and its id is looked up once for all who
   * have read up to there; another's file may be put back by hand at any time. Default: none.
   */
  readonly recent?: RecentEvents
}

/** Opens a reader of an event log. */
export function openEventLogReader(
  database: DatabaseSync,
  source: string,
  { layout = layoutVersion, recent }: EventLogReaderOptions = {},
): EventLogReader {
  const last = prepare(database, 'SELECT max(position) FROM tidings_log')
  const window = `SELECT ${eventColumnsOf(layout)} FROM tidings_log WHERE position > ? AND position <= ?`
  const every = prepareLater(database, `${window} ORDER BY position`)
  const filtered = filteredReader(database, window)
  const named = prepareLater(database, 'SELECT id FROM tidings_log WHERE position = ?')
  let asked = { position: 0, id: '' }
  const idAt = (position: number): string => {
    if (position === 0) return ''
    const known = recent?.at(position)
    if (known !== undefined) return known.id
    if (recent !== undefined && asked.position === position && asked.id !== '') return asked.id
    asked = { position, id: String(named().get(position)?.[0] ?? '') }
    return asked.id
  }
  return {
    head: () => Number(last.get()?.[0] ?? 0),
    page: (request, head, epoch) => {
      const { after, limit, edges = false } = request
      const from = parsePosition(after)
      // The window counts positions, not matches: a read looks at `limit` events at most, even if few of them match.
      const upTo = Math.min(from + limit, head)
      const first = edges ? idAt(from) : ''
      if (upTo <= from) {
        const page = { epoch, events: [], next: after, head: formatPosition(head) }
        return edges ? { ...page, edges: { after: first, next: first } } : page
      }
      const events =
        recentBetween(recent, from, upTo, request) ??
        (isOfAll(request) ? every().all(from, upTo) : filtered(from, upTo, request)).map((row) =>
          checkedEvent(row, source),
        )
      const next = formatPosition(upTo)
      const page = { epoch, events, next, head: formatPosition(head) }
      if (!edges) return page
      const last = events.at(-1)
      return { ...page, edges: { after: first, next: last?.position === next ? last.id : idAt(upTo) } }
    },
  }
}

/** Which events of a page are wanted. */
type Filter = Pick<EventLogRequest, 'types' | 'slots'>

const isOfAll = ({ types, slots }: Filter): boolean => types === undefined && slots === undefined

// If the first one is kept, all later ones are.
function recentBetween(
  recent: RecentEvents | undefined,
  from: number,
  upTo: number,
  { types, slots }: Filter,
): LoggedEvent[] | undefined {
  if (recent?.at(from + 1) === undefined) return undefined
  const events: LoggedEvent[] = []
  for (let position = from + 1; position <= upTo; position++) {
    const event = recent.at(position)
    if (event === undefined || types?.includes(event.type) === false) continue
    if (slots === undefined || isInSlots(event.key, slots))
      events.push({ ...event, position: formatPosition(position) })
  }
  return events
}

/** The most types that a statement names. */
const typesNamedMax = 8

// Most subscriptions hear few types. To name them takes a statement for each number of them; a list in JSON takes SQLite longer than the event itself.
const conditionsOfTypes: readonly string[] = Array.from({ length: typesNamedMax + 1 }, (_, count) =>
  count === 0 ? '' : ` AND type IN (${Array.from({ length: count }, () => '?').join(', ')})`,
)
const conditionOfManyTypes = ' AND type IN (SELECT value FROM json_each(?))'

// No column has the slot of an event: whoever writes would pay for it, with readers by slots or without. The function takes a fifth of a microsecond
// for an event, and an event that is not wanted costs nothing else.
const conditionOfSlots = ' AND tidings_slot(key) BETWEEN ? AND ?'

function filteredReader(database: DatabaseSync, window: string) {
  const statements = new Map<string, Statement>()
  let knowsSlots = false
  return (from: number, upTo: number, { types, slots }: Filter): readonly Row[] => {
    if (types?.length === 0) return []
    const values: (string | number)[] = []
    if (types !== undefined) values.push(...(types.length > typesNamedMax ? [JSON.stringify(types)] : types))
    if (slots !== undefined) {
      if (!knowsSlots) database.function('tidings_slot', { deterministic: true, directOnly: true }, slotOf)
      knowsSlots = true
      values.push(slots.from, slots.to - 1)
    }
    const ofTypes = conditionsOfTypes[types?.length ?? 0] ?? conditionOfManyTypes
    const conditions = slots === undefined ? ofTypes : ofTypes + conditionOfSlots
    let statement = statements.get(conditions)
    if (statement === undefined) {
      statement = prepare(database, `${window}${conditions} ORDER BY position`)
      statements.set(conditions, statement)
    }
    return statement.all(from, upTo, ...values)
  }
}

const slotOf = (key: unknown): number => slotOfKey(String(key))

// Whoever reads by position acts on what is read, so it must be what was stored. Whoever searches looks at it, damaged or not.
function checkedEvent(row: Row, source: string): LoggedEvent {
  const event = loggedEvent(row, source)
  verifyChecksum(event, row[18] as number | null, () => `The event at position ${event.position} of ${source}`)
  return event
}

/** A row of `eventColumns` as an event. */
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
    tenant: row[16] as string | null,
    tracestate: row[17] as string | null,
  }
}
