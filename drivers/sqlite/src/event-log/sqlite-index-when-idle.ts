// Indexes what is not indexed when a store is opened, a thousand events at a time, with pauses: the newest events, whose index was in memory, and what
// an earlier build has logged without it. A service without work would never index it otherwise.
// Invariant: a step begins and ends in one turn, in a transaction of its own if it writes.

import type { DatabaseSync } from 'node:sqlite'
import type { Timeouts } from 'tidings/ports'
import { inTransaction } from '../database/sqlite-connection.ts'
import { behindCountMax, type EventLogBlocks } from './sqlite-event-log-blocks.ts'
import type { Outbox } from './sqlite-outbox.ts'

/** The time between two steps. A step takes less than a millisecond, so indexing takes a few percent of a core: ten million events in four minutes. */
const pauseMs = 20

/** What is indexed, and when. */
export interface IndexWhenIdleOptions {
  readonly database: DatabaseSync
  readonly outbox: Outbox
  readonly blocks: EventLogBlocks
  readonly timeouts: Timeouts
  /** Called after each write. */
  readonly written: () => void
}

/** Begins if the next commit would not index all of it. Returns a function that ends it. */
export function indexWhenIdle({ database, outbox, blocks, timeouts, written }: IndexWhenIdleOptions): () => void {
  let cancel = (): void => {}

  function step(): void {
    const { head } = outbox
    const before = blocks.indexed
    if (!blocks.wouldWrite(head)) blocks.catchUp(head)
    else if (!write(head)) return
    // It ends where it is not getting on: at the end, or at a gap that a hand has made. Searches look at each event after that.
    if (blocks.indexed > before) schedule()
  }

  /** Whether it was written. If not, the next commits go on, and say what prevents it. */
  function write(head: number): boolean {
    try {
      inTransaction(database, () => {
        blocks.catchUp(head)
        blocks.merge()
      })
    } catch {
      blocks.reload(head)
      return false
    }
    written()
    return true
  }

  function schedule(): void {
    cancel = timeouts.after(pauseMs, step, { slackMs: pauseMs })
  }

  if (outbox.head - blocks.indexed > behindCountMax) schedule()
  return () => cancel()
}
