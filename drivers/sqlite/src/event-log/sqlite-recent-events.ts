// The latest events of an event log, as its writer has committed them: whoever a commit wakes up usually reads just these, and asks SQLite nothing.
// Invariant: they are what the event log gives. What was not committed is forgotten before anybody can read, and memory is bounded.

import type { EventRecord } from 'tidings'

/** Of so many events, the older half is forgotten. */
const countMax = 64

/** Events with longer texts are read from the file, which takes long anyway. */
const textLengthMax = 4_096

/** Keeps the latest events of one event log. */
export class RecentEvents {
  #events: EventRecord[] = []
  /** The position of the last one; 0 if none is kept. */
  #last = 0

  /** Adds the next event, within its transaction. */
  add(position: number, event: EventRecord): void {
    if ((event.data?.length ?? 0) + (event.downcasts?.length ?? 0) > textLengthMax) {
      this.forget()
      return
    }
    if (this.#events.length === countMax) this.#events = this.#events.slice(countMax / 2)
    this.#events.push(event)
    this.#last = position
  }

  /** Forgets all of them, because a transaction was rolled back. */
  forget(): void {
    this.#events = []
    this.#last = 0
  }

  /** The event at a position, if it is kept. */
  at(position: number): EventRecord | undefined {
    const index = this.#events.length - 1 - (this.#last - position)
    return index < 0 ? undefined : this.#events[index]
  }
}
