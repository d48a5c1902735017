// One after the other, within the process.

/** Runs work while nobody else who holds the same lock runs theirs. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>

/** No lock at all. */
export const noLock: Lock = (work) => work()

/** One holder at a time, who may release it in the middle of its work; first come, first served. */
export class FairLock {
  #last: Promise<void> = Promise.resolve()

  /** Waits until the lock is free; gives the way to release it (more than once is no error). */
  async acquire(): Promise<() => void> {
    const before = this.#last
    let release = () => {}
    this.#last = new Promise((resolve) => {
      release = resolve
    })
    await before
    return release
  }
}

/** Creates a lock; first come, first served. */
export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => {})
    return mine
  }
}
