// Streams by hand: one table with an index on (stream, version); the append's transaction checks the expected version.

import { uuidv7 } from 'uuidv7'
import { OrderPlaced } from '../orders.ts'
import type { Database } from './open-database.ts'

/** Streams in a database. */
export interface Streams {
  /** Appends one order, inside a transaction. Throws if the stream is at another version. */
  append(stream: string, expectedVersion: number, order: unknown): void
  /** The data of a stream's events, oldest first. */
  read(stream: string): OrderPlaced[]
}

/** Creates the table and prepares the statements. */
export function openStreams({ sqlite }: Database): Streams {
  sqlite.exec(`CREATE TABLE events (
    position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
    correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL, occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
    data TEXT NOT NULL, UNIQUE (stream, version))`)
  const version = sqlite.prepare('SELECT max(version) FROM events WHERE stream = ?')
  version.setReturnArrays(true)
  const insert = sqlite.prepare(`INSERT INTO events
    (stream, version, id, type, correlation_id, causation_id, occurred_at, recorded_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const select = sqlite.prepare('SELECT data FROM events WHERE stream = ? ORDER BY version')
  select.setReturnArrays(true)
  return {
    append: (stream, expectedVersion, order) => {
      const data = JSON.stringify(OrderPlaced.parse(order))
      const [actual] = version.get(stream) as unknown as [number | null]
      if ((actual ?? 0) !== expectedVersion)
        throw new Error(`${stream} is at ${actual ?? 0}, not at ${expectedVersion}.`)
      const now = Date.now()
      const causation = uuidv7()
      insert.run(stream, expectedVersion + 1, uuidv7(), 'order-placed', causation, causation, now, now, data)
    },
    read: (stream) => (select.all(stream) as unknown as [string][]).map(([data]) => JSON.parse(data) as OrderPlaced),
  }
}
