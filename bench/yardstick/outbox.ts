// An outbox by hand: a table of published events, written in the transaction that caused them, read by position, with an index on the id.

import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { uuidv7 } from 'uuidv7'
import type { ZodType } from 'zod'
import type { Database } from './open-database.ts'

/** Where an event comes from. */
export interface Cause {
  readonly correlationId: string
  readonly causationId: string
  readonly occurredAt: number
}

/** A type of event: its name, and what its data must be. Version 1 is the only one so far. */
export interface EventType<Data> {
  readonly name: string
  readonly schema: ZodType<Data>
}

/** An event of an outbox: position, id, type, version, key, correlation id, time it occurred, data. */
export type OutboxRow = readonly [number, string, string, number, string, string, number, string]

const columns = 'position, id, type, version, key, correlation_id, occurred_at, data'

/** An outbox that is open for writing. */
export interface Outbox {
  /** Validates an event and writes it, inside a transaction. */
  publish<Data>(type: EventType<Data>, key: string, data: Data, cause: Cause): void
  /** Finds events, newest first. */
  find(by: 'id' | 'type' | 'key', value: string, limit: number): OutboxRow[]
}

/** Opens an outbox; creates its table if it does not exist. */
export function openOutbox({ sqlite }: Database): Outbox {
  sqlite.exec(`CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL, key TEXT NOT NULL,
    correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL, occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
    data TEXT NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS outbox_id ON outbox (id)`)
  const insert = sqlite.prepare(`INSERT INTO outbox
    (id, type, version, key, correlation_id, causation_id, occurred_at, recorded_at, data) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)`)
  const search = (by: string) => {
    const select = sqlite.prepare(`SELECT ${columns} FROM outbox WHERE ${by} = ? ORDER BY position DESC LIMIT ?`)
    select.setReturnArrays(true)
    return select
  }
  const searches = { id: search('id'), type: search('type'), key: search('key') }
  return {
    publish: ({ name, schema }, key, data, { correlationId, causationId, occurredAt }) => {
      const text = JSON.stringify(schema.parse(data))
      insert.run(uuidv7(), name, key, correlationId, causationId, occurredAt, Date.now(), text)
    },
    find: (by, value, limit) => searches[by].all(value, limit) as unknown as OutboxRow[],
  }
}

/** Reads another service's outbox after a position, through a separate read-only connection. */
export function readOutbox(
  folder: string,
  name: string,
): { after(position: number, limit: number): OutboxRow[]; close(): void } {
  const sqlite = new DatabaseSync(path.join(folder, `${name}.sqlite`), { readOnly: true, timeout: 1_000 })
  const select = sqlite.prepare(`SELECT ${columns} FROM outbox WHERE position > ? ORDER BY position LIMIT ?`)
  select.setReturnArrays(true)
  return {
    after: (position, limit) => select.all(position, limit) as unknown as OutboxRow[],
    close: () => sqlite.close(),
  }
}

/** The data of an event, if it is of a type and version that the reader knows. Throws otherwise. */
export function dataOf<Data>([, id, type, version, , , , data]: OutboxRow, known: EventType<Data>): Data {
  if (type !== known.name || version !== 1) throw new Error(`Event ${id} is a ${type} of version ${version}.`)
  return JSON.parse(data) as Data
}
