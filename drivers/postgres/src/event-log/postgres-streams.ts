// Streams of facts, read: by stream, and all of them in the order of their commits. The commit function writes them.
// Invariant: the versions of a stream are 1, 2, 3, … without gaps; a unique index refuses a version that exists.

import { type FactsPage, type FactsRequest, formatPosition, type StoredFact } from 'tidings/ports'
import { verifyChecksum } from '../database/postgres-checksums.ts'
import type { Query, Row } from '../database/postgres-query.ts'
import type { StorePlace } from '../database/postgres-schema.ts'

const factColumns = [
  ...['position', 'category', 'stream', 'stream_version', 'type', 'version', 'data', 'occurred_at', 'recorded_at'],
  ...['correlation_id', 'causation_id', 'caused_by', 'principal', 'tenant', 'checksum'],
]

/** The streams of a store, for reading. */
export interface PostgresStreams {
  streamVersion(category: string, stream: string): Promise<number>
  readStream(category: string, stream: string, afterVersion: number, limit: number): Promise<readonly StoredFact[]>
  readFacts(request: FactsRequest): Promise<FactsPage>
  /** Gives all streams of a category another one, in one statement. */
  renameCategory(was: string, category: string): Promise<void>
}

/** Opens the streams of a store. */
export function openStreams(query: Query, place: StorePlace): PostgresStreams {
  const facts = place.in('tidings_facts')
  const ofStream = 'WHERE category = $1 AND stream = $2'
  const version = `SELECT coalesce(max(stream_version), 0) FROM ${facts} ${ofStream}`
  const inStream = `SELECT ${factColumns.join(', ')} FROM ${facts} ${ofStream} AND stream_version > $3::bigint
    ORDER BY stream_version LIMIT $4::int`
  return {
    streamVersion: async (category, stream) => {
      const rows = await query(version, [category, stream])
      return Number(rows[0]?.[0] ?? 0)
    },
    readStream: async (category, stream, afterVersion, limit) => {
      const rows = await query(inStream, [category, stream, afterVersion, limit])
      return rows.map((row) => storedFact(row))
    },
    readFacts: async (request) => {
      const { after, limit, categories } = request
      const values = [Number(after), limit, ...(categories === undefined ? [] : [categories])]
      return factsOf(await query(factsSql(facts, categories !== undefined), values), request)
    },
    renameCategory: async (was, category) => {
      await query(`UPDATE ${facts} SET category = $2 WHERE category = $1`, [was, category])
    },
  }
}

// A row for each fact, and one without a fact if there is none.
function factsSql(facts: string, ofCategories: boolean): string {
  return `SELECT h.head, ${factColumns.map((column) => `f.${column}`).join(', ')}
    FROM (SELECT coalesce(max(position), 0) AS head FROM ${facts}) h
    LEFT JOIN LATERAL (SELECT * FROM ${facts}
      WHERE position > $1::bigint AND position <= least($1::bigint + $2::int, h.head)
        ${ofCategories ? 'AND category = ANY ($3::text[])' : ''}
      ORDER BY position LIMIT $2::int) f ON true
    ORDER BY f.position`
}

function factsOf(rows: readonly Row[], { after, limit }: FactsRequest): FactsPage {
  const headNumber = Number(rows[0]?.[0] ?? 0)
  const upTo = Math.min(Number(after) + limit, headNumber)
  return {
    facts: rows[0]?.[1] == null ? [] : rows.map((row) => storedFact(row, 1)),
    next: upTo <= Number(after) ? after : formatPosition(upTo),
    head: formatPosition(headNumber),
  }
}

function storedFact(row: Row, from = 0): StoredFact {
  const text = (column: number) => row[from + column] as string
  const number = (column: number) => row[from + column] as number
  const optional = (column: number) => row[from + column] as string | null
  const fact: StoredFact = {
    position: formatPosition(number(0)),
    category: text(1),
    stream: text(2),
    streamVersion: number(3),
    type: text(4),
    version: number(5),
    data: text(6),
    occurredAt: number(7),
    recordedAt: number(8),
    correlationId: text(9),
    causationId: text(10),
    causedBy: text(11),
    principal: optional(12),
    tenant: optional(13),
  }
  const checked = { type: fact.type, key: fact.stream, data: fact.data }
  verifyChecksum(checked, number(14), () => `Fact ${fact.streamVersion} of stream ${fact.category}/${fact.stream}`)
  return fact
}
