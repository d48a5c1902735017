// One after the other, within the process.

/** Runs work while nobody else who holds the same lock runs theirs. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>

/** No lock at all. */
export const noLock: Lock = (work) => work()

/** One holder at a time, who may let go in the middle of its work; who comes first goes first. */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Waits for a turn; gives the way to end it (more than once is no error). */
  async take(): Promise<() => void> {
    const before = this.#last
    let release = () => {}
    this.#last = new Promise((resolve) => {
      release = resolve
    })
    await before
    return release
  }
}

/** Creates a lock; who comes first goes first. */
export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => {})
    return mine
  }
}
