// The commits of a service that its store has not answered yet. A read of the store may see their rows before the runtime knows that
// they were written; when all commits that were under way at the read have been answered, it knows.

import type { CommitUnit } from '../../ports/index.ts'

/** Observes every commit of a service. */
export interface CommitWatcher {
  /** A unit was committed; called before its committer continues. */
  committed(commit: CommitUnit, revision: number): void
  /** The store has thrown an error; the unit may or may not have been committed. */
  failed(commit: CommitUnit, error: unknown): void
}

/** Counts commits in and out. */
export class CommitsUnderWay {
  // In the order they began, so that the first is the oldest.
  readonly #tickets = new Set<number>()
  #last = 0
  #waiting: { readonly upTo: number; readonly resolve: () => void }[] = []

  /** Counts a commit in; gives the ticket for `end`. */
  begin(): number {
    this.#tickets.add(++this.#last)
    return this.#last
  }

  /** Counts a commit out: the store has answered it or thrown, and its watcher was called. */
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
