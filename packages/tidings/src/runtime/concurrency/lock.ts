// Locks within the process.

/** Runs work while no other work runs under the same lock. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>

/** No lock at all. */
export const noLock: Lock = (work) => work()

/** A lock with one holder at a time, which can release it in the middle of its work; first come, first served. */
export class FairLock {
  #last: Promise<void> = Promise.resolve()

  /** Waits until the lock is free; gives a function that releases it and may be called more than once. */
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
