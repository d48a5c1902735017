// Searches an event log, newest first. All terms of an event (its id, conversation, cause, key and type) are in one inverted index, whose list of new
// entries costs a commit next to nothing; `tidySearchIndex` moves that list into the index outside of any commit.
// Invariant: the index only says where to look; each part of a search is compared exactly.

import type { LoggedEvent } from 'tidings'
import type { EventLogSearch } from 'tidings/ports'
import type { Query } from '../database/postgres-query.ts'
import type { StorePlace } from '../database/postgres-schema.ts'
import { searchIndexName, searchParts, searchTermsSql, termOf } from '../database/postgres-search-index.ts'
import { eventColumns, loggedEvent } from './postgres-event-log.ts'

/** How many of the newest events are looked at before the index is asked: what many events have is found there. */
const newestCount = 1_000

/** Finds events of the log of a store. */
export async function searchEvents(
  query: Query,
  place: StorePlace,
  search: EventLogSearch,
): Promise<readonly LoggedEvent[]> {
  const given = searchParts.filter(([name]) => search[name] !== undefined)
  const values = given.map(([name]) => search[name])
  // No event has a text that Postgres cannot keep.
  if (!values.every((value) => value?.isWellFormed() && !value.includes('\0'))) return []
  const sql = searchSql(
    place,
    given.map(([, column, kind]) => ({ column, kind })),
  )
  const rows = await query(sql, [search.limit, ...values])
  return rows.map((row) => loggedEvent(row, place.service))
}

function searchSql(place: StorePlace, given: readonly { readonly column: string; readonly kind: number }[]): string {
  const events = place.in('tidings_events')
  const columns = eventColumns.join(', ')
  const equal = given.map(({ column }, index) => ` AND ${column} = $${index + 2}::text`).join('')
  const newest = 'ORDER BY position DESC LIMIT $1::int'
  if (given.length === 0) return `SELECT ${columns} FROM ${events} ${newest}`
  const terms = given.map(({ kind }, index) => termOf(`$${index + 2}::text COLLATE "C"`, kind)).join(', ')
  const parts = given.map(({ column }) => column).join(', ')
  // A limit beside the terms would have Postgres walk back through the whole log.
  return `WITH newest AS MATERIALIZED (SELECT position, ${parts} FROM ${events} ORDER BY position DESC LIMIT ${newestCount}),
    recent AS MATERIALIZED (SELECT position FROM newest WHERE true${equal} ${newest}),
    hits AS MATERIALIZED (SELECT position, ${parts} FROM ${events}
      WHERE (SELECT count(*) FROM recent) < $1::int AND ${searchTermsSql} @> ARRAY[${terms}]),
    found AS MATERIALIZED (SELECT position FROM recent UNION ALL
      (SELECT position FROM hits WHERE position < (SELECT min(position) FROM newest)${equal} ${newest}) ${newest})
    SELECT ${columns} FROM ${events} WHERE position IN (SELECT position FROM found) ORDER BY position DESC`
}

/** Moves the terms of new events into the index. */
export async function tidySearchIndex(query: Query, place: StorePlace): Promise<void> {
  await query('SELECT gin_clean_pending_list($1::regclass)', [place.in(searchIndexName)])
}
