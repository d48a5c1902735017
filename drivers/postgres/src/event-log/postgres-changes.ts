// The changes of rows that a store notes, read in the order of their revisions. The commit function writes them, for tables that are noted in the
// catalogue. Invariant: `next` comes from changes that are visible, because a revision that was given out may belong to a commit that is not.

import type { RowChangesPage, RowChangesRequest } from 'tidings/ports'
import type { Query } from '../database/postgres-query.ts'
import type { StorePlace } from '../database/postgres-schema.ts'

/** Sets how many changes stay readable at least. Which tables are noted, the catalogue knows. */
export async function keepChanges(query: Query, place: StorePlace, countMax: number): Promise<void> {
  await query(`UPDATE ${place.in('tidings_store')} SET changes_max = $1::int WHERE changes_max <> $1::int`, [
    Math.trunc(countMax),
  ])
}

/** Forgets the changes that are more than twice as many as are to be kept; whoever has not read them is told so. */
export async function forgetChanges(query: Query, place: StorePlace): Promise<void> {
  const [changes, store] = [place.in('tidings_changes'), place.in('tidings_store')]
  await query(
    `WITH edge AS (SELECT c.revision FROM ${changes} c ORDER BY c.revision DESC, c.ordinal DESC
        OFFSET (SELECT 2 * changes_max FROM ${store}) LIMIT 1),
      gone AS (DELETE FROM ${changes} c USING edge e, ${store} s WHERE c.revision > s.changes_forgotten AND c.revision <= e.revision)
    UPDATE ${store} s SET changes_forgotten = e.revision FROM edge e WHERE e.revision > s.changes_forgotten`,
    [],
  )
}

/** Reads a page of changes. */
export async function readChanges(
  query: Query,
  place: StorePlace,
  { after, limit }: RowChangesRequest,
): Promise<RowChangesPage> {
  if (after === undefined) {
    const rows = await query(headSql(place), [])
    return { changes: [], next: Number(rows[0]?.[0] ?? 0), isComplete: true }
  }
  const rows = await query(changesSql(place), [after, limit])
  const [head, isComplete] = [Number(rows[0]?.[0] ?? 0), rows[0]?.[1] === true]
  if (!isComplete) return { changes: [], next: Math.max(after, head), isComplete }
  const found = rows[0]?.[2] == null ? [] : rows
  const changes = found.map((row) => ({ revision: Number(row[2]), table: String(row[3]), key: String(row[4]) }))
  // A page that is not cut has looked at everything that is there.
  const last = changes.at(-1)?.revision ?? 0
  return { changes, next: Math.max(after, changes.length < limit ? head : last), isComplete }
}

// What was forgotten counts: the changes that are left may be none.
function headSql(place: StorePlace): string {
  return `SELECT greatest(coalesce((SELECT max(revision) FROM ${place.in('tidings_changes')}), 0), s.changes_forgotten)
    FROM ${place.in('tidings_store')} s`
}

// More than twice as many changes as are to be kept are as good as forgotten, whether or not somebody has pruned them yet.
function changesSql(place: StorePlace): string {
  const changes = place.in('tidings_changes')
  return `WITH state AS (SELECT s.changes_max, s.changes_forgotten, h.head
      FROM ${place.in('tidings_store')} s, (SELECT coalesce(max(revision), 0) AS head FROM ${changes}) h),
    here AS (SELECT greatest(head, changes_forgotten) AS head,
      changes_forgotten <= $1::bigint AND (SELECT count(*) FROM (SELECT 1 FROM ${changes} c
        WHERE c.revision > $1::bigint LIMIT 2 * changes_max + 1) n) <= 2 * changes_max AS is_complete FROM state)
    SELECT here.head, here.is_complete, page.revision, page.table_name, page.key
    FROM here LEFT JOIN LATERAL (SELECT revision, ordinal, table_name, key FROM ${changes}
      WHERE here.is_complete AND revision > $1::bigint AND revision <= coalesce((SELECT c.revision FROM ${changes} c
        WHERE c.revision > $1::bigint ORDER BY c.revision, c.ordinal OFFSET $2::int - 1 LIMIT 1), here.head)) page ON true
    ORDER BY page.revision, page.ordinal`
}
