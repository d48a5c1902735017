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

/** The commits that began between two questions: how many of them are not answered. */
export interface CommitEra {
  underWay: number
}

interface Waiting {
  /** The eras that end before it may go on. */
  readonly eras: readonly CommitEra[]
  readonly resolve: () => void
}

/** Counts commits in and out. Only whoever asks for an answer begins a new era, so a commit costs nothing but the counting. */
export class CommitsUnderWay {
  // Those before the present one that are not over.
  #earlier: readonly CommitEra[] = []
  #present: CommitEra = { underWay: 0 }
  #waiting: readonly Waiting[] = []

  /** Counts a commit in; gives its era for `end`. */
  begin(): CommitEra {
    this.#present.underWay++
    return this.#present
  }

  /** Counts a commit out: the store has answered it or thrown, and its watcher was called. */
  end(era: CommitEra): void {
    era.underWay--
    if (era.underWay > 0 || era === this.#present) return
    this.#earlier = this.#earlier.filter(isOpen)
    const ready = this.#waiting.filter(({ eras }) => !eras.some(isOpen))
    this.#waiting = this.#waiting.filter(({ eras }) => eras.some(isOpen))
    for (const { resolve } of ready) resolve()
  }

  /** Resolves when every commit that is under way now has been answered. */
  answered(): Promise<void> {
    if (isOpen(this.#present)) {
      this.#earlier = [...this.#earlier, this.#present]
      this.#present = { underWay: 0 }
    }
    const eras = this.#earlier
    if (eras.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, { eras, resolve }]
    })
  }
}

function isOpen({ underWay }: CommitEra): boolean {
  return underWay > 0
}
