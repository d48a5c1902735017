// An index of terms, to find events by id, conversation and cause. A SQL index on each column would halve the number of single
// commits per second. Instead, a commit adds the terms of some hundred events at once, which costs 1.6 µs per event.
// Invariant: events whose terms are not added yet have positions after `upTo`, and searches look at those events too.

import type { DatabaseSync } from 'node:sqlite'
import { prepareLater } from '../database/sqlite-connection.ts'
import { readMeta } from '../database/sqlite-schema.ts'

/** How many events can wait for their terms. A search looks at those events one by one. */
const waitingCountMax = 500

/** The SQL of a term. Hexadecimal ids, with or without hyphens, are kept as bytes, which take half the space. */
export const termOf = (expression: string): string => `coalesce(unhex(${expression}, '-'), ${expression})`

/** The terms of an event log. */
export interface EventLogTerms {
  /** The last position whose terms were added. */
  readonly upTo: number
  /** If enough events wait for their terms, adds those. Call it within a transaction. */
  catchUp(head: number): void
  /** Reads `upTo` again after a rollback. */
  reload(): void
}

/** Opens the terms of a store's event log. */
export function openEventLogTerms(database: DatabaseSync): EventLogTerms {
  // A term that an event has twice is added once: by the conditions, and where ids differ in their hyphens alone, by OR IGNORE. A UNION would
  // sort all of them for that, which takes a quarter more.
  const terms = ['id', 'correlation_id', 'causation_id'].map((column, index, columns) => {
    const others = columns.slice(0, index).map((other) => ` AND ${column} <> ${other}`)
    return `SELECT ${termOf(column)}, position FROM tidings_log WHERE position > ?1 AND position <= ?2${others.join('')}`
  })
  const add = prepareLater(database, `INSERT OR IGNORE INTO tidings_log_terms ${terms.join(' UNION ALL ')}`)
  const note = prepareLater(
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
      add().run(upTo, head)
      note().run(head)
      upTo = head
    },
    reload: () => {
      upTo = stored()
    },
  }
}
