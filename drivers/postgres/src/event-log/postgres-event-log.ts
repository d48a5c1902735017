// The event log of a store, read by position: one statement for each page, so that its events, head, epoch and edges are of one snapshot.
// Invariant: `next` never moves past the last position that was looked at. Positions are dense, and become visible in their order, because each commit
// gives them out while it has the turn.

import type { LoggedEvent } from 'tidings'
import { type EventLogPage, type EventLogRequest, formatPosition } from 'tidings/ports'
import { verifyChecksum } from '../database/postgres-checksums.ts'
import type { Query, Row } from '../database/postgres-query.ts'
import type { StorePlace } from '../database/postgres-schema.ts'

/** The columns of an event, in the order `loggedEvent` takes them. */
export const eventColumns: readonly string[] = [
  ...[
    'position',
    'id',
    'type',
    'version',
    'readable_from',
    'key',
    'data',
    'downcasts',
    'entity_version',
    'occurred_at',
  ],
  ...['recorded_at', 'correlation_id', 'causation_id', 'caused_by', 'principal', 'tenant', 'traceparent', 'tracestate'],
  'checksum',
]

/** How many columns of a page stand before those of its event. */
const pageColumnCount = 4

/** Reads a page of the event log of a store. */
export async function readPage(query: Query, place: StorePlace, request: EventLogRequest): Promise<EventLogPage> {
  const { types, slots } = request
  const values: unknown[] = [Number(request.after), request.limit]
  if (types !== undefined) values.push(types)
  if (slots !== undefined) values.push(slots.from, slots.to - 1)
  const sql = pageSql(place, { types: types !== undefined, slots: slots !== undefined })
  return pageOf(await query(sql, values), place.service, request)
}

/** Which parts of a request a statement has parameters for: `$1` after, `$2` limit, then types, then the first and the last slot. */
export interface PageFilters {
  readonly types: boolean
  readonly slots: boolean
}

/** The statement of a page. It gives a row for each event, and one without an event if there is none. */
export function pageSql(place: StorePlace, { types, slots }: PageFilters): string {
  const conditions = [
    ...(types ? ['type = ANY ($3::text[])'] : []),
    ...(slots ? [`slot BETWEEN $${types ? 4 : 3}::int AND $${types ? 5 : 4}::int`] : []),
  ]
  return pageSelect(place, { after: () => '$1::bigint', limit: '$2::int', conditions })
}

/** The SQL of what a page is asked with. */
export interface PageParts {
  /** The position after which it begins, beside a column `head`. */
  readonly after: (head: string) => string
  readonly limit: string
  readonly conditions: readonly string[]
}

/** The query of a page: the head, the ids at its edges, its events; then the earlier epochs, if they are asked for. */
export function pageSelect(
  place: StorePlace,
  { after, limit, conditions }: PageParts,
  { withEpochs = false }: { readonly withEpochs?: boolean } = {},
): string {
  const events = place.in('tidings_events')
  const [before, within] = [after('h.head'), after('m.head')]
  const columns = ['m.epoch', 'm.head', 'm.after_id', 'm.next_id', ...eventColumns.map((column) => `e.${column}`)]
  return `SELECT ${[...columns, ...(withEpochs ? ['m.earlier_epochs'] : [])].join(', ')}
    FROM (SELECT s.epoch, s.earlier_epochs, h.head,
        (SELECT id FROM ${events} WHERE position = ${before}) AS after_id,
        (SELECT id FROM ${events} WHERE position = least(${before} + ${limit}, h.head)) AS next_id
      FROM ${place.in('tidings_store')} s, (SELECT coalesce(max(position), 0) AS head FROM ${events}) h) m
    LEFT JOIN LATERAL (SELECT * FROM ${events}
      WHERE position > ${within} AND position <= least(${within} + ${limit}, m.head)
        ${conditions.map((condition) => `AND ${condition}`).join(' ')}
      ORDER BY position LIMIT ${limit}) e ON true
    ORDER BY e.position`
}

/** The page that rows of `pageSql` make. */
export function pageOf(
  rows: readonly Row[],
  source: string,
  { after, limit, edges = false }: EventLogRequest,
): EventLogPage {
  const first = rows[0]
  if (first === undefined) return { epoch: undefined, events: [], next: after, head: '' }
  const from = Number(after)
  const headNumber = Number(first[1])
  const head = formatPosition(headNumber)
  const upTo = Math.min(from + limit, headNumber)
  const isAtEnd = upTo <= from
  const page = {
    epoch: String(first[0]),
    events: first[pageColumnCount] === null ? [] : rows.map((row) => checkedEvent(row, source)),
    next: isAtEnd ? after : formatPosition(upTo),
    head,
  }
  if (!edges) return page
  const afterId = String(first[2] ?? '')
  return { ...page, edges: { after: afterId, next: isAtEnd ? afterId : String(first[3] ?? '') } }
}

// Whoever reads by position acts on what is read, so it must be what was stored. Whoever searches looks at it, damaged or not.
function checkedEvent(row: Row, source: string): LoggedEvent {
  const event = loggedEvent(row, source, pageColumnCount)
  const checksum = row[pageColumnCount + eventColumns.length - 1] as number
  verifyChecksum(event, checksum, () => `The event at position ${event.position} of ${source}`)
  return event
}

/** A row of `eventColumns`, which begin at a column, as an event. */
export function loggedEvent(row: Row, source: string, from = 0): LoggedEvent {
  const text = (column: number) => row[from + column] as string
  const number = (column: number) => row[from + column] as number
  const optional = (column: number) => row[from + column] as string | null
  return {
    position: formatPosition(number(0)),
    id: text(1),
    source,
    type: text(2),
    version: number(3),
    readableFrom: number(4),
    key: text(5),
    data: optional(6),
    downcasts: optional(7),
    entityVersion: row[from + 8] as number | null,
    occurredAt: number(9),
    recordedAt: number(10),
    correlationId: text(11),
    causationId: text(12),
    causedBy: text(13),
    principal: optional(14),
    tenant: optional(15),
    traceparent: optional(16),
    tracestate: optional(17),
  }
}
