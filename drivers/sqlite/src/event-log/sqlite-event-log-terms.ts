// Finds events by id, conversation and cause. An index on each would halve the single commits a second; here the terms of
// some hundred events at a time are added at once, in a commit that happens anyway, at 1.6 µs an event. Invariant: what is
// not yet among the terms lies behind `upTo`, and searches look there too.

import type { DatabaseSync } from 'node:sqlite'
import { prepare } from '../database/sqlite-connection.ts'
import { readMeta } from '../database/sqlite-schema.ts'

/** How many events may wait for their terms: a search looks at as many rows one by one. */
const waitingCountMax = 500

/** The SQL of a term: ids that are hexadecimal, with or without hyphens, take half the room as bytes. */
export const termOf = (expression: string): string => `coalesce(unhex(${expression}, '-'), ${expression})`

/** The terms of a log. */
export interface LogTerms {
  /** The last position whose terms are there. */
  readonly upTo: number
  /** Adds what waits, within a transaction, once it is enough. */
  catchUp(head: number): void
  /** Reads `upTo` again after a rollback. */
  reload(): void
}

/** Opens the terms of a store's log. */
export function openLogTerms(database: DatabaseSync): LogTerms {
  const columns = ['id', 'correlation_id', 'causation_id']
  const terms = columns.map(
    (column) => `SELECT ${termOf(column)}, position FROM tidings_log WHERE position > ?1 AND position <= ?2`,
  )
  const add = prepare(database, `INSERT INTO tidings_log_terms ${terms.join(' UNION ')}`)
  const note = prepare(
    database,
    `INSERT INTO tidings_meta VALUES ('terms-up-to', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  )
  const stored = () => Number(readMeta(database, 'terms-up-to') ?? 0)
  let upTo = stored()
  return {
    get upTo() {
      return upTo
    },
    catchUp: (head) => {
      if (head - upTo < waitingCountMax) return
      add.run(upTo, head)
      note.run(head)
      upTo = head
    },
    reload: () => {
      upTo = stored()
    },
  }
}
