// Where the histories end that somebody looks at, asked in one statement: who looks whether there is news is answered from that, so an idle process asks
// once a second, however many sources it hears.
// Invariant: an answer is no older than `freshMs`, and only who is content with that gets it.

import { type Clock, formatPosition, type Position } from 'tidings/ports'
import type { Query } from '../database/postgres-query.ts'

/** How long an answer counts, in milliseconds: a little less than the time between two looks. */
const freshMs = 800

/** A source at which nobody has looked for so long is not asked any more, in milliseconds. */
const forgottenMs = 10_000

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
  /** A statement that gives one row: epoch, position, and the id there. It is used for sources that have a store. */
  readonly endOf: (source: string) => string
  /** A source has news. */
  readonly moved: (source: string) => void
}

/** The heads of the sources that are looked at. */
export class Heads {
  readonly #options: HeadsOptions
  /** When each source was looked at last, by the monotonic clock. */
  readonly #looked = new Map<string, number>()
  readonly #existing = new Set<string>()
  #heads = new Map<string, Head>()
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  constructor(options: HeadsOptions) {
    this.#options = options
  }

  /** Where the history of a source ends, or ended a moment ago; `undefined` if it must be read. */
  async of(source: string): Promise<Head | undefined> {
    const now = this.#options.clock.monotonicMs()
    this.#looked.set(source, now)
    if (!this.#existing.has(source)) return undefined
    if (now - this.#askedAt >= freshMs) await this.#ask()
    return this.#heads.get(source)
  }

  /** The source has been read, so it has a store. */
  exists(source: string): void {
    this.#existing.add(source)
  }

  /** What was known of a source counts no more: it has news. */
  forget(source: string): void {
    this.#heads.delete(source)
  }

  // Those who come meanwhile share the answer.
  #ask(): Promise<void> {
    this.#asking ??= this.#askAll().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #askAll(): Promise<void> {
    const { clock, query, endOf, moved } = this.#options
    const askedAt = clock.monotonicMs()
    for (const [source, at] of this.#looked) if (askedAt - at > forgottenMs) this.#looked.delete(source)
    const sources = [...this.#looked.keys()].filter((source) => this.#existing.has(source))
    const sql = sources.map((source, index) => `SELECT ${index}, e.* FROM (${endOf(source)}) e`).join(' UNION ALL ')
    const before = this.#heads
    const rows = await query(sql, []).catch((error: unknown) => {
      // One of them may be gone, so each is read by itself.
      this.#existing.clear()
      throw error
    })
    this.#heads = new Map()
    this.#askedAt = askedAt
    for (const [index, epoch, position, id] of rows) {
      const source = sources[Number(index)] ?? ''
      const head = { epoch: String(epoch), position: formatPosition(Number(position)), id: String(id ?? '') }
      this.#heads.set(source, head)
      const known = before.get(source)
      if (known !== undefined && (known.position !== head.position || known.epoch !== head.epoch)) moved(source)
    }
  }
}
