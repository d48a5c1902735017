// Searches a log, newest first. By id, conversation or cause it goes through the terms; by type or key it walks back
// through the log in steps, and lets others work between them. Invariant: no step looks at more than `stepCount` events.

import type { DatabaseSync } from 'node:sqlite'
import type { LoggedEvent } from 'tidings'
import type { LogSearch, Scheduler } from 'tidings/ports'
import { prepare, type Row, type Statement } from '../database/sqlite-connection.ts'
import { logColumns, loggedEvent, type SqliteLog } from './sqlite-event-log.ts'
import { type LogTerms, termOf } from './sqlite-event-log-terms.ts'

const stepCount = 5_000

const filters = [
  ['id', 'id'],
  ['correlationId', 'correlation_id'],
  ['causationId', 'causation_id'],
  ['type', 'type'],
  ['key', 'key'],
] as const

/** What a search needs of its store. */
export interface LogSearchOptions {
  readonly database: DatabaseSync
  readonly source: string
  readonly log: SqliteLog
  readonly terms: LogTerms
  readonly scheduler: Scheduler
}

/** Opens the search of a store's log. */
export function openLogSearch(options: LogSearchOptions): (search: LogSearch) => Promise<LoggedEvent[]> {
  const { database, source, log, terms, scheduler } = options
  const statements = new Map<string, Statement>()
  const statement = (sql: string): Statement => {
    const prepared = statements.get(sql) ?? prepare(database, sql)
    statements.set(sql, prepared)
    return prepared
  }
  const rest = () => new Promise<void>((resume) => scheduler.soon(resume))

  return async (search) => {
    const given = filters.filter(([name]) => search[name] !== undefined)
    const values = given.map(([name]) => search[name] ?? null)
    const where = given.map(([, column]) => ` AND l.${column} = ?`).join('')
    const range = `SELECT ${logColumns} FROM tidings_log l WHERE position > ? AND position <= ?${where} ORDER BY position DESC LIMIT ?`
    const term = search.id ?? search.causationId ?? search.correlationId
    const { upTo } = terms
    const last = term === undefined ? 0 : upTo

    const rows: Row[] = []
    for (let end = log.head; end > last && rows.length < search.limit; end -= stepCount) {
      const start = Math.max(last, end - stepCount)
      rows.push(...statement(range).all(start, end, ...values, search.limit - rows.length))
      if (start > last && rows.length < search.limit) await rest()
    }
    if (term !== undefined && rows.length < search.limit) {
      const indexed = `SELECT ${logColumns.replaceAll('position', 'l.position')}
        FROM tidings_log_terms t CROSS JOIN tidings_log l ON l.position = t.position
        WHERE t.term = ${termOf('?1')} AND t.position <= ?2${where}
        ORDER BY t.position DESC LIMIT ?`
      rows.push(...statement(indexed).all(term, upTo, ...values, search.limit - rows.length))
    }
    return rows.map((row) => loggedEvent(row, source))
  }
}
