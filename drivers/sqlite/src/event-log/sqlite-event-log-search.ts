// Searches an event log, newest first. Searches by id, conversation or cause use the index of terms. Searches by type or key go
// back through the event log in steps, and other work can run between the steps.
// Invariant: no step looks at more than `stepCount` events.

import type { DatabaseSync } from 'node:sqlite'
import type { LoggedEvent } from 'tidings'
import type { EventLogSearch, Timeouts } from 'tidings/ports'
import { prepare, type Row, type Statement } from '../database/sqlite-connection.ts'
import { eventColumns, loggedEvent } from './sqlite-event-log.ts'
import { type EventLogTerms, termOf } from './sqlite-event-log-terms.ts'
import type { Outbox } from './sqlite-outbox.ts'

const stepCount = 5_000

const filters = [
  ['id', 'id'],
  ['correlationId', 'correlation_id'],
  ['causationId', 'causation_id'],
  ['type', 'type'],
  ['key', 'key'],
] as const

/** What a search needs from its store. */
export interface EventLogSearchOptions {
  readonly database: DatabaseSync
  readonly source: string
  readonly outbox: Outbox
  readonly terms: EventLogTerms
  readonly timeouts: Timeouts
}

/** Opens the search of a store's event log. */
export function openEventLogSearch(options: EventLogSearchOptions): (search: EventLogSearch) => Promise<LoggedEvent[]> {
  const { database, source, outbox, terms, timeouts } = options
  const statements = new Map<string, Statement>()
  const statement = (sql: string): Statement => {
    const prepared = statements.get(sql) ?? prepare(database, sql)
    statements.set(sql, prepared)
    return prepared
  }
  const letOthersRun = () => new Promise<void>((resume) => timeouts.soon(resume))

  return async (search) => {
    const given = filters.filter(([name]) => search[name] !== undefined)
    const values = given.map(([name]) => search[name] ?? null)
    const where = given.map(([, column]) => ` AND l.${column} = ?`).join('')
    const range = `SELECT ${eventColumns} FROM tidings_log l WHERE position > ? AND position <= ?${where} ORDER BY position DESC LIMIT ?`
    const term = search.id ?? search.causationId ?? search.correlationId
    const { upTo } = terms
    const last = term === undefined ? 0 : upTo

    const rows: Row[] = []
    for (let end = outbox.head; end > last && rows.length < search.limit; end -= stepCount) {
      const start = Math.max(last, end - stepCount)
      rows.push(...statement(range).all(start, end, ...values, search.limit - rows.length))
      if (start > last && rows.length < search.limit) await letOthersRun()
    }
    if (term !== undefined && rows.length < search.limit) {
      const indexed = `SELECT ${eventColumns.replaceAll('position', 'l.position')}
        FROM tidings_log_terms t CROSS JOIN tidings_log l ON l.position = t.position
        WHERE t.term = ${termOf('?1')} AND t.position <= ?2${where}
        ORDER BY t.position DESC LIMIT ?`
      rows.push(...statement(indexed).all(term, upTo, ...values, search.limit - rows.length))
    }
    return rows.map((row) => loggedEvent(row, source))
  }
}
