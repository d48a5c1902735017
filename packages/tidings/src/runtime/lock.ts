// One after the other, within the process.

/** Runs work while nobody else who holds the same lock runs theirs. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>

/** No lock at all. */
export const noLock: Lock = (work) => work()

/** Creates a lock; who comes first goes first. */
export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => {})
    return mine
  }
}
