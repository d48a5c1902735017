// How the parts of the driver that only read ask the database: one statement at a time, each a transaction of its own.

import type { PostgresConnections } from './postgres-connections.ts'
import { guarded } from './postgres-errors.ts'

/** A row: its columns' values. */
export type Row = readonly unknown[]

/** Runs one statement and returns its rows. */
export type Query = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>

/** Queries whose errors are those of the registry. `doing` is the part of their messages that says what was tried. */
export function queryOf(connections: PostgresConnections, doing: string): Query {
  return (text, values) => guarded(doing, async () => (await connections.query(text, values)).rows)
}
