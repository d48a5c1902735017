// Streams of facts. Invariant: the versions of a stream are 1, 2, 3, … without gaps. The check of the expected version ensures that; if the
// check were wrong, a unique index would still refuse a version that exists. Streams have numbers, so that the index stays small.

import type { DatabaseSync } from 'node:sqlite'
import { type Append, type FactsPage, type FactsRequest, formatPosition, type StoredFact } from 'tidings/ports'
import { checksumOf, streamChecker, verifyChecksum } from '../database/sqlite-checksums.ts'
import { prepare, type Row, type Statement } from '../database/sqlite-connection.ts'
import { parsePosition } from '../database/sqlite-positions.ts'

const factColumns = `f.position, f.stream_version, f.type, f.version, f.data, f.occurred_at, f.recorded_at, f.correlation_id,
  f.causation_id, f.caused_by, f.principal, f.tenant, f.checksum`

/** The present state of a stream. */
export interface StreamState {
  /** Its number, or `undefined` if it does not exist. */
  readonly number: number | undefined
  readonly version: number
}

/** The streams of a store. */
export interface SqliteStreams {
  /** The number of the last fact, including the transaction that is open. */
  readonly head: number
  state(category: string, stream: string): StreamState
  /** Appends facts after the given state within a transaction. */
  append(append: Append, state: StreamState): void
  readStream(category: string, stream: string, afterVersion: number, limit: number): StoredFact[]
  readFacts(request: FactsRequest): FactsPage
  /** Gives all streams of a category another one. */
  renameCategory(was: string, category: string): void
  /** Reads the head again after a rollback. */
  reload(): void
}

/** Opens the streams of a store. */
export function openStreams(database: DatabaseSync): SqliteStreams {
  const last = prepare(database, 'SELECT max(position) FROM tidings_facts')
  const stateOf = prepare(
    database,
    `SELECT s.id, (SELECT max(f.stream_version) FROM tidings_facts f WHERE f.stream = s.id)
     FROM tidings_streams s WHERE s.category = ? AND s.name = ?`,
  )
  const create = prepare(database, 'INSERT INTO tidings_streams (category, name) VALUES (?, ?)')
  const insert = prepare(
    database,
    `INSERT INTO tidings_facts (position, stream, stream_version, type, version, data, occurred_at, recorded_at,
     correlation_id, causation_id, caused_by, principal, tenant, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const ofStream = prepare(
    database,
    `SELECT ${factColumns} FROM tidings_streams s CROSS JOIN tidings_facts f ON f.stream = s.id
     WHERE s.category = ? AND s.name = ? AND f.stream_version > ? ORDER BY f.stream_version LIMIT ?`,
  )
  const window = `SELECT ${factColumns}, s.category, s.name FROM tidings_facts f CROSS JOIN tidings_streams s ON s.id = f.stream
    WHERE f.position > ? AND f.position <= ?`
  const every = prepare(database, `${window} ORDER BY f.position`)
  let ofCategories: Statement | undefined
  const storedHead = () => Number(last.get()?.[0] ?? 0)
  let head = storedHead()

  return {
    get head() {
      return head
    },
    state: (category, stream) => {
      const row = stateOf.get(category, stream)
      return { number: row?.[0] as number | undefined, version: Number(row?.[1] ?? 0) }
    },
    append: ({ category, stream, facts }, state) => {
      if (facts.length === 0) return
      const number = state.number ?? create.run(category, stream).lastInsertRowid
      let { version } = state
      for (const fact of facts) {
        version += 1
        insert.run(
          head + 1,
          number,
          version,
          fact.type,
          fact.version,
          fact.data,
          fact.occurredAt,
          fact.recordedAt,
          fact.correlationId,
          fact.causationId,
          fact.causedBy,
          fact.principal,
          fact.tenant,
          checksumOf({ type: fact.type, key: stream, data: fact.data }),
        )
        head += 1
      }
    },
    readStream: (category, stream, afterVersion, limit) =>
      checkedStream(ofStream.all(category, stream, afterVersion, limit), category, stream),
    readFacts: ({ after, limit, categories }) => {
      const from = parsePosition(after)
      const upTo = Math.min(from + limit, head)
      if (upTo <= from) return { facts: [], next: after, head: formatPosition(head) }
      ofCategories ??= prepare(
        database,
        `${window} AND s.category IN (SELECT value FROM json_each(?)) ORDER BY f.position`,
      )
      const rows =
        categories === undefined ? every.all(from, upTo) : ofCategories.all(from, upTo, JSON.stringify(categories))
      return {
        facts: rows.map((row) => storedFact(row, row[13] as string, row[14] as string)),
        next: formatPosition(upTo),
        head: formatPosition(head),
      }
    },
    renameCategory: (was, category) => {
      prepare(database, 'UPDATE tidings_streams SET category = ? WHERE category = ?').run(category, was)
    },
    reload: () => {
      head = storedHead()
    },
  }
}

function checkedStream(rows: readonly Row[], category: string, stream: string): StoredFact[] {
  const checker = streamChecker(stream)
  return rows.map((row) =>
    checker.has(row[2] as string, row[4] as string, row[12] as number | null)
      ? factOf(row, category, stream)
      : storedFact(row, category, stream),
  )
}

function storedFact(row: Row, category: string, stream: string): StoredFact {
  const fact = factOf(row, category, stream)
  const checked = { type: fact.type, key: stream, data: fact.data }
  verifyChecksum(checked, row[12] as number | null, () => `Fact ${fact.streamVersion} of stream ${category}/${stream}`)
  return fact
}

function factOf(row: Row, category: string, stream: string): StoredFact {
  return {
    position: formatPosition(row[0] as number),
    category,
    stream,
    streamVersion: row[1] as number,
    type: row[2] as string,
    version: row[3] as number,
    data: row[4] as string,
    occurredAt: row[5] as number,
    recordedAt: row[6] as number,
    correlationId: row[7] as string,
    causationId: row[8] as string,
    causedBy: row[9] as string,
    principal: row[10] as string | null,
    tenant: row[11] as string | null,
  }
}
