// Group commit by hand: all calls in one turn of the event loop share one transaction, and so one flush to the disk.
// Invariant: a call resolves after the commit. A call that fails does so before it writes, so the others commit.

import type { Database } from './open-database.ts'

/** Applies one piece of work in the transaction that all callers of a turn share. */
export type Together = (work: () => void) => Promise<void>

interface Waiting {
  readonly work: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Opens the group commit of a database. */
export function openGroupCommit(database: Database): Together {
  let waiting: Waiting[] = []

  function flush(): void {
    const group = waiting
    waiting = []
    const failed = new Map<Waiting, unknown>()
    try {
      database.transaction(() => {
        for (const one of group) {
          try {
            one.work()
          } catch (error) {
            failed.set(one, error)
          }
        }
      })
    } catch (error) {
      for (const { reject } of group) reject(error)
      return
    }
    for (const one of group) {
      if (failed.has(one)) one.reject(failed.get(one))
      else one.resolve()
    }
  }

  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push({ work, resolve, reject })
      if (waiting.length === 1) setImmediate(flush)
    })
}
