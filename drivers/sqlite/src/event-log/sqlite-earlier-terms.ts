// The terms of events that builds before layout 3 have logged: ids, conversations and causes in a SQL index of their own. Nothing is added to it, and later
// events have theirs in blocks (see sqlite-event-log-blocks.ts).
// Invariant: the index has every event up to `upTo`, because the migration has completed it.

import type { DatabaseSync } from 'node:sqlite'
import { readMeta } from '../database/sqlite-schema.ts'

/** The SQL of a term. Hexadecimal ids, with or without hyphens, are kept as bytes, which take half the space. */
export const termOf = (expression: string): string => `coalesce(unhex(${expression}, '-'), ${expression})`

/** The terms of earlier events. */
export interface EarlierTerms {
  /** The last position that has its terms there; 0 if there is none. */
  readonly upTo: number
}

/** Finds out which events have their terms there. */
export function readEarlierTerms(database: DatabaseSync): EarlierTerms {
  return { upTo: Number(readMeta(database, 'terms-up-to') ?? 0) }
}
