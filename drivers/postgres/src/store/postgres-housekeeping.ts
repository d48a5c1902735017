// What a store does beside its commits, now and then: it forgets the answers of groups whose callers have them, and changes that are no longer kept, and
// moves new terms into the index of the search. Nobody waits for it, and if it fails, it is done the next time.
// Invariant: each round goes on where the last one ended. So it never walks over rows that are deleted, which stay in the indexes for as long as somebody
// reads what was there before. The answer of a run's last group is never forgotten while the run lives.

import type { CommitUnit } from 'tidings/ports'
import type { Query } from '../database/postgres-query.ts'
import type { StorePlace } from '../database/postgres-schema.ts'
import { forgetChanges } from '../event-log/postgres-changes.ts'
import { tidySearchIndex } from '../event-log/postgres-event-log-search.ts'

/** After so many groups of commits, a round follows. */
const groupsPerRound = 500
/** After so many rows or events, a round follows. */
const writesPerRound = 5_000

/** What it needs. */
export interface HousekeepingOptions {
  readonly query: Query
  readonly place: StorePlace
  /** The run whose answers are forgotten. */
  readonly run: string
}

/** The housekeeping of one store in one process. */
export class Housekeeping {
  readonly #options: HousekeepingOptions
  #groups = 0
  #writes = 0
  #forgottenUpTo = 0
  #round: Promise<void> | undefined

  constructor(options: HousekeepingOptions) {
    this.#options = options
  }

  /** A group was committed. `number`: that of the group; its answer has come. */
  committed(units: readonly CommitUnit[], number: number): void {
    this.#groups += 1
    for (const { rows, events } of units) this.#writes += rows.length + events.length
    if (this.#groups < groupsPerRound && this.#writes < writesPerRound) return
    this.#round ??= this.#keep(number)
      .catch(() => {})
      .finally(() => {
        this.#round = undefined
      })
  }

  /** Ends it: the run has no groups any more, and nothing of it is kept. */
  async close(): Promise<void> {
    await this.#round
    const { query, place, run } = this.#options
    await query(
      `WITH gone AS (DELETE FROM ${place.in('tidings_groups')} WHERE run = $1 AND number > $2::bigint)
       DELETE FROM ${place.in('tidings_runs')} WHERE run = $1`,
      [run, this.#forgottenUpTo],
    ).catch(() => {})
  }

  async #keep(number: number): Promise<void> {
    const { query, place, run } = this.#options
    this.#groups = 0
    this.#writes = 0
    await query(
      `DELETE FROM ${place.in('tidings_groups')} WHERE run = $1 AND number > $2::bigint AND number < $3::bigint`,
      [run, this.#forgottenUpTo, number],
    )
    this.#forgottenUpTo = number - 1
    await forgetChanges(query, place)
    await tidySearchIndex(query, place)
  }
}
