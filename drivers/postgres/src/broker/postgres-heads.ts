// Where the histories of all watched sources end, asked in one statement: who looks whether there is news is answered from that, so an idle process asks
// once a second, however many services it watches.
// Invariant: an answer is no older than `freshMs`, and only who is content with that gets it.

import { type Clock, formatPosition, type Position } from 'tidings/ports'
import { quotedText } from '../database/postgres-names.ts'
import type { Query } from '../database/postgres-query.ts'
import { placeOf } from '../database/postgres-schema.ts'

/** How long an answer counts, in milliseconds: a little less than the time between two looks. */
const freshMs = 800

/** Where a history ends. */
export interface Head {
  readonly epoch: string
  readonly position: Position
  /** The id of the event there; `''` if there is none. */
  readonly id: string
}

/** What heads are read with. */
export interface HeadsOptions {
  readonly clock: Clock
  readonly query: Query
  /** What the names of schemas begin with. */
  readonly schemaPrefix: string
  /** The sources that somebody watches. */
  readonly watched: () => Iterable<string>
  /** A source has news. */
  readonly moved: (source: string) => void
}

/** The heads of the sources that an engine watches. */
export class Heads {
  readonly #options: HeadsOptions
  readonly #existing = new Set<string>()
  #heads = new Map<string, Head | 'none'>()
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  constructor(options: HeadsOptions) {
    this.#options = options
  }

  /** Where the history of a source ends, or ended a moment ago; `none` if it has no store, `undefined` if it must be read. */
  async of(source: string): Promise<Head | 'none' | undefined> {
    const isFresh = this.#options.clock.monotonicMs() - this.#askedAt < freshMs
    if (!isFresh || !this.#heads.has(source)) await this.#ask(source)
    return this.#heads.get(source)
  }

  /** What was known of a source counts no more: it has news. */
  forget(source: string): void {
    this.#heads.delete(source)
  }

  async #ask(source: string): Promise<void> {
    await this.#asking?.catch(() => {})
    // Another caller may have asked for it meanwhile.
    if (this.#asking === undefined) {
      this.#asking = this.#askAll(source).finally(() => {
        this.#asking = undefined
      })
    }
    await this.#asking
  }

  async #askAll(asked: string): Promise<void> {
    const { clock, query, schemaPrefix, watched, moved } = this.#options
    const sources = [...new Set([asked, ...watched()])]
    const askedAt = clock.monotonicMs()
    const rows = await query(headsSql(sources, schemaPrefix, this.#existing), []).catch((error: unknown) => {
      // One of them may be gone.
      this.#existing.clear()
      throw error
    })
    const heads = new Map<string, Head | 'none'>(sources.map((source) => [source, 'none']))
    for (const [source, epoch, position, id] of rows) {
      const name = String(source)
      this.#existing.add(name)
      if (epoch === null) heads.delete(name)
      else heads.set(name, { epoch: String(epoch), position: formatPosition(Number(position)), id: String(id ?? '') })
    }
    const before = this.#heads
    this.#heads = heads
    this.#askedAt = askedAt
    for (const [source, head] of heads) if (hasMoved(before.get(source), head)) moved(source)
  }
}

function hasMoved(before: Head | 'none' | undefined, now: Head | 'none'): boolean {
  if (now === 'none' || before === undefined) return false
  return before === 'none' || before.position !== now.position || before.epoch !== now.epoch
}

// Of a source that is not known to exist, it asks only that: a statement that names a table that is not there fails as a whole.
function headsSql(sources: readonly string[], prefix: string, existing: ReadonlySet<string>): string {
  return sources
    .map((source) => {
      const place = placeOf(prefix, source)
      const name = quotedText(source)
      const events = place.in('tidings_events')
      return existing.has(source)
        ? `SELECT ${name}, s.epoch, e.position, e.id FROM ${place.in('tidings_store')} s
           LEFT JOIN (SELECT position, id FROM ${events} ORDER BY position DESC LIMIT 1) e ON true`
        : `SELECT ${name}, NULL, NULL, NULL WHERE to_regclass(${quotedText(events)}) IS NOT NULL`
    })
    .join(' UNION ALL ')
}
