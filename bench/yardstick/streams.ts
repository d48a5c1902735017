// Streams by hand: one table with an index on (stream, version); the append's transaction checks the expected version.

import { uuidv7 } from 'uuidv7'
import { addOrder, emptyTotal, OrderPlaced, type OrderTotal } from '../orders.ts'
import type { Database } from './open-database.ts'

/** The one type of events so far, and its version. */
const placed = { type: 'order-placed', version: 1 } as const

/** Streams in a database. */
export interface Streams {
  /** Appends one order, inside a transaction. Throws if the stream is at another version. */
  append(stream: string, expectedVersion: number, order: unknown): void
  /** Folds a stream's events, oldest first, into the state of the stream. */
  fold(stream: string): OrderTotal
}

/** Creates the table and prepares the statements. */
export function openStreams({ sqlite }: Database): Streams {
  sqlite.exec(`CREATE TABLE events (
    position INTEGER PRIMARY KEY, stream TEXT NOT NULL, stream_version INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
    version INTEGER NOT NULL, correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL, occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, data TEXT NOT NULL, UNIQUE (stream, stream_version))`)
  const version = sqlite.prepare('SELECT max(stream_version) FROM events WHERE stream = ?')
  version.setReturnArrays(true)
  const insert = sqlite.prepare(`INSERT INTO events
    (stream, stream_version, id, type, version, correlation_id, causation_id, occurred_at, recorded_at, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const select = sqlite.prepare('SELECT type, version, data FROM events WHERE stream = ? ORDER BY stream_version')
  select.setReturnArrays(true)
  return {
    append: (stream, expectedVersion, order) => {
      const data = JSON.stringify(OrderPlaced.parse(order))
      const [actual] = version.get(stream) as unknown as [number | null]
      if ((actual ?? 0) !== expectedVersion)
        throw new Error(`${stream} is at ${actual ?? 0}, not at ${expectedVersion}.`)
      const now = Date.now()
      const cause = uuidv7()
      insert.run(stream, expectedVersion + 1, uuidv7(), placed.type, placed.version, cause, cause, now, now, data)
    },
    fold: (stream) => {
      let total = emptyTotal
      for (const [type, written, data] of select.all(stream) as unknown as [string, number, string][])
        total = addOrder(total, orderOf(type, written, data))
      return total
    },
  }
}

/** The order of an event, if it is of the type and version that this code knows. Throws otherwise. */
export function orderOf(type: string, version: number, data: string): OrderPlaced {
  if (type !== placed.type || version !== placed.version) throw new Error(`${type} of version ${version} is not known.`)
  return JSON.parse(data) as OrderPlaced
}
