// An outbox by hand: a table of published events, written in the transaction that caused them, read by position.

import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { uuidv7 } from 'uuidv7'
import type { Database } from './open-database.ts'

/** Where an event comes from. */
export interface Cause {
  readonly correlationId: string
  readonly causationId: string
  readonly occurredAt: number
}

/** An event of an outbox: position, id, type, key, correlation id, time it occurred, data. */
export type OutboxRow = readonly [number, string, string, string, string, number, string]

/** Creates the outbox; returns a function that writes to it, inside a transaction. */
export function openOutbox({ sqlite }: Database): (type: string, key: string, data: unknown, cause: Cause) => void {
  sqlite.exec(`CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, type TEXT NOT NULL, key TEXT NOT NULL,
    correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL, occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
    data TEXT NOT NULL)`)
  const insert = sqlite.prepare(`INSERT INTO outbox
    (id, type, key, correlation_id, causation_id, occurred_at, recorded_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  return (type, key, data, { correlationId, causationId, occurredAt }) => {
    insert.run(uuidv7(), type, key, correlationId, causationId, occurredAt, Date.now(), JSON.stringify(data))
  }
}

/** Reads another service's outbox after a position, through a separate read-only connection. */
export function readOutbox(
  folder: string,
  name: string,
): { after(position: number, limit: number): OutboxRow[]; close(): void } {
  const sqlite = new DatabaseSync(path.join(folder, `${name}.sqlite`), { readOnly: true, timeout: 1_000 })
  const select = sqlite.prepare(`SELECT position, id, type, key, correlation_id, occurred_at, data FROM outbox
    WHERE position > ? ORDER BY position LIMIT ?`)
  select.setReturnArrays(true)
  return {
    after: (position, limit) => select.all(position, limit) as unknown as OutboxRow[],
    close: () => sqlite.close(),
  }
}
