// The commits of a service that have been handed to its store and not answered yet. Whoever reads the store may see what they wrote
// before the runtime has heard that it was written; when all that are under way have been answered, it has heard of all it saw.

import type { CommitUnit } from '../../ports/index.ts'

/** Who is told of every commit of a service. */
export interface CommitWatcher {
  /** A unit was committed; called before anybody else hears of it. */
  committed(commit: CommitUnit, revision: number): void
  /** The store has rejected a unit, which may or may not have been committed. */
  doubt(commit: CommitUnit, error: unknown): void
}

/** Counts commits in and out. */
export class CommitsUnderWay {
  // In the order they began, so that the first is the oldest.
  readonly #tickets = new Set<number>()
  #last = 0
  #waiting: { readonly upTo: number; readonly resolve: () => void }[] = []

  /** A commit goes to the store; gives what `end` takes. */
  begin(): number {
    this.#tickets.add(++this.#last)
    return this.#last
  }

  /** A commit was answered, however, and who had to be told was told. */
  end(ticket: number): void {
    this.#tickets.delete(ticket)
    if (this.#waiting.length === 0) return
    const [oldest = Number.POSITIVE_INFINITY] = this.#tickets
    const ready = this.#waiting.filter(({ upTo }) => upTo < oldest)
    this.#waiting = this.#waiting.filter(({ upTo }) => upTo >= oldest)
    for (const { resolve } of ready) resolve()
  }

  /** Resolves when every commit that is under way now has been answered. */
  answered(): Promise<void> {
    if (this.#tickets.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push({ upTo: this.#last, resolve })
    })
  }
}
