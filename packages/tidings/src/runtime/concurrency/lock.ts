// Locks within the process.

/** Runs work while no other work runs under the same lock. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>

/** No lock at all. */
export const noLock: Lock = (work) => work()

/** A lock with one holder at a time; first come, first served. A holder can release it before its work ends. */
export class FairLock {
  #last: Promise<void> = Promise.resolve()

  /** Waits until the lock is free. Returns the function that releases it; you may call that more than once. */
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
