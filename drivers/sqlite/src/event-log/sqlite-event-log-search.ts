// Searches an event log, newest first, in the index in blocks. What is not indexed yet is looked at one by one.
// Invariant: no step looks at more than `stepCount` events, and other work can run between the steps.

import type { DatabaseSync } from 'node:sqlite'
import type { LoggedEvent } from 'tidings'
import type { EventLogSearch, Timeouts } from 'tidings/ports'
import { prepare, type Row, type Statement } from '../database/sqlite-connection.ts'
import { type EarlierTerms, termOf } from './sqlite-earlier-terms.ts'
import { eventColumns, loggedEvent } from './sqlite-event-log.ts'
import { behindCountMax, type EventLogBlocks, type FoundPlaces } from './sqlite-event-log-blocks.ts'
import type { Outbox } from './sqlite-outbox.ts'

const stepCount = 5_000

/** How many events could be looked at in the time that a block takes. */
const blockWork = 100

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
  readonly earlierTerms: EarlierTerms
  readonly blocks: EventLogBlocks
  readonly timeouts: Timeouts
}

/** A search on its way. */
interface Query {
  /** The events in the newest block, or run of blocks, that has some up to a position. */
  readonly find: (upTo: number) => FoundPlaces
  /** Up to this position, it is not looked for. */
  readonly last: number
  /** What a row must have besides. */
  readonly where: string
  readonly values: readonly (string | null)[]
  readonly limit: number
  readonly rows: Row[]
}

/** Opens the search of a store's event log. */
export function openEventLogSearch(options: EventLogSearchOptions): (search: EventLogSearch) => Promise<LoggedEvent[]> {
  const { database, source, outbox, earlierTerms, blocks, timeouts } = options
  const statements = new Map<string, Statement>()
  const statement = (sql: string): Statement => {
    const prepared = statements.get(sql) ?? prepare(database, sql)
    statements.set(sql, prepared)
    return prepared
  }
  const letOthersRun = () => new Promise<void>((resume) => timeouts.soon(resume))

  const select = (where: string) => `SELECT ${eventColumns} FROM tidings_log l WHERE ${where}`

  /** Looks at the events up to `end` one by one, and returns up to where it did not. */
  function look({ where, values, limit, rows }: Query, end: number, last: number): number {
    const start = Math.max(last, end - stepCount)
    const range = `${select(`position > ? AND position <= ?${where}`)} ORDER BY position DESC LIMIT ?`
    rows.push(...statement(range).all(start, end, ...values, limit - rows.length))
    return start
  }

  async function lookAtAll(query: Query): Promise<void> {
    for (let end = outbox.head; end > 0 && query.rows.length < query.limit; ) {
      end = look(query, end, 0)
      if (end > 0 && query.rows.length < query.limit) await letOthersRun()
    }
  }

  function findEarlierTerm({ where, values, limit, rows, last }: Query, term: string): void {
    const indexed = `SELECT ${eventColumns.replaceAll('position', 'l.position')}
      FROM tidings_log_terms t CROSS JOIN tidings_log l ON l.position = t.position
      WHERE t.term = ${termOf('?1')} AND t.position <= ?2${where}
      ORDER BY t.position DESC LIMIT ?`
    rows.push(...statement(indexed).all(term, last, ...values, limit - rows.length))
  }

  /** Takes what matches of what was found in a block, and returns up to where it did not look. */
  function take({ where, values, limit, rows, last }: Query, found: FoundPlaces): number {
    const event = statement(select(`position = ?${where}`))
    const some = found.positions.slice(0, stepCount)
    for (const position of some) {
      if (position <= last) return last
      const row = event.get(position, ...values)
      if (row !== undefined && rows.push(row) === limit) return 0
    }
    return some.length < found.positions.length ? (some.at(-1) ?? 0) - 1 : found.after
  }

  async function findInBlocks(query: Query): Promise<void> {
    let work = 0
    // The newest events after a start. The next commit would index them; without one, each search would look at them.
    const behind = outbox.head - blocks.indexed
    if (behind > 0 && behind <= behindCountMax && !blocks.wouldWrite(outbox.head)) blocks.catchUp(outbox.head)
    // More is indexed while others run, so each turn asks anew how much.
    for (let end = outbox.head; end > query.last && query.rows.length < query.limit; ) {
      if (work >= stepCount) {
        await letOthersRun()
        work = 0
      }
      if (end > blocks.indexed) {
        end = look(query, end, Math.max(query.last, blocks.indexed))
        work = stepCount
      } else {
        const found = query.find(end)
        end = take(query, found)
        work += blockWork + found.positions.length
      }
    }
  }

  return async (search) => {
    const given = filters.filter(([name]) => search[name] !== undefined)
    const term = search.id ?? search.causationId ?? search.correlationId
    const query: Query = {
      find: (upTo) => (term === undefined ? blocks.find(upTo, search.key, search.type) : blocks.findTerm(upTo, term)),
      last: term === undefined ? 0 : earlierTerms.upTo,
      where: given.map(([, column]) => ` AND l.${column} = ?`).join(''),
      values: given.map(([name]) => search[name] ?? null),
      limit: search.limit,
      rows: [],
    }
    if (given.length === 0) await lookAtAll(query)
    else await findInBlocks(query)
    if (term !== undefined && query.last > 0 && query.rows.length < query.limit) findEarlierTerm(query, term)
    return query.rows.map((row) => loggedEvent(row, source))
  }
}
