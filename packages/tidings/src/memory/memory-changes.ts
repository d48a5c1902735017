// The changes of rows that the writers of a store note for one another.
// Invariant: the changes of one commit are kept or forgotten together, and never more than twice the count that was asked for.

import type { ChangesToNote, RowChange, RowChangesPage, RowChangesRequest, RowWrite } from '../ports/index.ts'

/** The changes of a store. */
export class MemoryChanges {
  readonly #tables = new Set<string>()
  #countMax = 0
  /** Oldest first. */
  #changes: RowChange[] = []
  /** The revision of the last commit whose changes were forgotten. */
  #forgotten = 0

  /** Notes the changes of more tables from now on. */
  add({ tables, countMax }: ChangesToNote): void {
    this.#countMax = countMax
    for (const table of tables) this.#tables.add(table)
  }

  /** Notes nothing more of a table: it was dropped. */
  forget(table: string): void {
    this.#tables.delete(table)
  }

  /** Takes the rows of a commit. */
  note(rows: readonly RowWrite[], revision: number): void {
    if (this.#tables.size === 0) return
    for (const { table, key } of rows) if (this.#tables.has(table)) this.#changes.push({ revision, table, key })
    if (this.#changes.length > 2 * this.#countMax) this.#forgetOldest()
  }

  /** A page; `head` is the revision of the last commit. */
  read({ after, limit }: RowChangesRequest, head: number): RowChangesPage {
    if (after === undefined) return { changes: [], next: head, isComplete: true }
    if (after < this.#forgotten) return { changes: [], next: head, isComplete: false }
    const from = this.#firstAfter(after)
    const lastOfPage = this.#changes[from + limit - 1]
    const to = lastOfPage === undefined ? this.#changes.length : this.#firstAfter(lastOfPage.revision)
    const changes = this.#changes.slice(from, to)
    return { changes, next: to === this.#changes.length ? head : (changes.at(-1)?.revision ?? after), isComplete: true }
  }

  // The newest commits that together have at most `countMax` changes stay.
  #forgetOldest(): void {
    const last = this.#changes[this.#changes.length - this.#countMax - 1]
    if (last === undefined) return
    this.#forgotten = last.revision
    this.#changes = this.#changes.slice(this.#firstAfter(last.revision))
  }

  // The place of the first change after a commit.
  #firstAfter(revision: number): number {
    let [low, high] = [0, this.#changes.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#changes[middle]?.revision ?? 0) <= revision) low = middle + 1
      else high = middle
    }
    return low
  }
}
