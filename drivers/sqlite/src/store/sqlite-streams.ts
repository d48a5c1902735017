// Streams of facts. Invariant: the versions of a stream are 1, 2, 3, … without gaps. The check of the expected version ensures that; if the
// check were wrong, a unique index would still refuse a version that exists. Streams have numbers, so that the index stays small.

import type { DatabaseSync } from 'node:sqlite'
import {
  type Append,
  type FactsPage,
  type FactsRequest,
  formatPosition,
  type Position,
  type StoredFact,
} from 'tidings/ports'
import { checksumOf, streamChecker, verifyChecksum } from '../database/sqlite-checksums.ts'
import { inTransaction, prepare, prepareLater, type Row } from '../database/sqlite-connection.ts'
import { parsePosition, positionWriter } from '../database/sqlite-positions.ts'
import { FactOrigins, originColumns, SqliteFact } from './sqlite-facts.ts'
import { RecentStates, type StreamState } from './sqlite-stream-states.ts'

const dataColumns = 'stream_version, type, version, data, checksum'

/** How many streams' names are remembered. */
const namesKeptMax = 10_000

/** The category and the name of a stream. */
type StreamName = readonly [category: string, name: string]

/** The streams of a store. */
export interface SqliteStreams {
  /** The number of the last fact, including the transaction that is open. */
  readonly head: number
  /** That number as a position. */
  readonly headPosition: Position
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
  const stateOf = prepareLater(
    database,
    `SELECT s.id, (SELECT max(f.stream_version) FROM tidings_facts f WHERE f.stream = s.id)
     FROM tidings_streams s WHERE s.category = ? AND s.name = ?`,
  )
  const create = prepareLater(database, 'INSERT INTO tidings_streams (category, name) VALUES (?, ?)')
  const insert = prepareLater(
    database,
    `INSERT INTO tidings_facts (position, stream, stream_version, type, version, data, occurred_at, recorded_at,
     correlation_id, causation_id, caused_by, principal, tenant, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const inStream = `FROM tidings_facts WHERE stream = (SELECT id FROM tidings_streams WHERE category = ? AND name = ?)
    AND stream_version > ? ORDER BY stream_version LIMIT ?`
  const ofStream = prepareLater(database, `SELECT ${dataColumns} ${inStream}`)
  const originsOfStream = prepareLater(database, `SELECT ${originColumns} ${inStream}`)
  const inWindow = 'FROM tidings_facts WHERE position > ? AND position <= ? ORDER BY position'
  const every = prepareLater(database, `SELECT ${dataColumns}, stream, position ${inWindow}`)
  const originsOfWindow = prepareLater(database, `SELECT ${originColumns} ${inWindow}`)
  let nameOf = namesOfStreams(database)
  const states = new RecentStates()
  const storedHead = () => Number(last.get()?.[0] ?? 0)
  let head = storedHead()
  const positionOf = positionWriter()

  return {
    get head() {
      return head
    },
    get headPosition() {
      return positionOf(head)
    },
    state: (category, stream) => {
      const known = states.get(category, stream)
      if (known !== undefined) return known
      const row = stateOf().get(category, stream)
      const state = { number: row?.[0] as number | undefined, version: Number(row?.[1] ?? 0) }
      states.set(category, stream, state)
      return state
    },
    append: ({ category, stream, facts }, state) => {
      if (facts.length === 0) return
      const number = state.number ?? Number(create().run(category, stream).lastInsertRowid)
      let { version } = state
      for (const fact of facts) {
        version += 1
        insert().run(
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
      states.set(category, stream, { number, version })
    },
    readStream: (category, stream, afterVersion, limit) => {
      const rows = ofStream().all(category, stream, afterVersion, limit)
      const origins = new FactOrigins(() => originsOfStream().all(category, stream, afterVersion, limit))
      const checker = streamChecker(stream)
      return rows.map((row, index) => {
        if (!checker.has(row[1] as string, row[3] as string, row[4] as number | null)) refuse(row, category, stream)
        return factOf(row, category, stream, origins, index)
      })
    },
    readFacts: ({ after, limit, categories }) => {
      const from = parsePosition(after)
      const upTo = Math.min(from + limit, head)
      if (upTo <= from) return { facts: [], next: after, head: formatPosition(head) }
      const origins = new FactOrigins(() => originsOfWindow().all(from, upTo))
      const facts: StoredFact[] = []
      for (const [index, row] of every().all(from, upTo).entries()) {
        const [category, stream] = nameOf(row[5] as number)
        if (categories !== undefined && !categories.includes(category)) continue
        const checked = { type: row[1] as string, key: stream, data: row[3] as string }
        if (row[4] !== null && checksumOf(checked) !== row[4]) refuse(row, category, stream)
        facts.push(factOf(row, category, stream, origins, index))
      }
      return { facts, next: formatPosition(upTo), head: formatPosition(head) }
    },
    renameCategory: (was, category) => {
      inTransaction(database, () => {
        prepare(database, 'UPDATE tidings_streams SET category = ? WHERE category = ?').run(category, was)
      })
      nameOf = namesOfStreams(database)
      states.clear()
    },
    reload: () => {
      head = storedHead()
      states.clear()
    },
  }
}

// A rollback may take back the first fact of a stream, whose number another stream gets. So a name is remembered only once it was read with a
// committed fact.
function namesOfStreams(database: DatabaseSync): (number: number) => StreamName {
  const select = prepareLater(database, 'SELECT category, name FROM tidings_streams WHERE id = ?')
  const names = new Map<number, StreamName>()
  return (number) => {
    const known = names.get(number)
    if (known !== undefined) return known
    const [category, name] = select().get(number) ?? []
    const found: StreamName = [String(category), String(name)]
    if (names.size >= namesKeptMax) names.clear()
    names.set(number, found)
    return found
  }
}

function factOf(row: Row, category: string, stream: string, origins: FactOrigins, index: number): StoredFact {
  return new SqliteFact(
    category,
    stream,
    row[0] as number,
    row[1] as string,
    row[2] as number,
    row[3] as string,
    origins,
    index,
    row[6] as number | undefined,
  )
}

function refuse(row: Row, category: string, stream: string): void {
  const checked = { type: row[1] as string, key: stream, data: row[3] as string }
  verifyChecksum(checked, row[4] as number | null, () => `Fact ${row[0]} of stream ${category}/${stream}`)
}
