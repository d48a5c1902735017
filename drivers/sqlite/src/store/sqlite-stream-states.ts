// The states of the streams that were asked for or appended to lately: whoever appends to a stream usually does so again.
// Invariant: a store has one writer, and notes each append here, so a state here is what SQLite would read, in the open transaction or else in
// the file. After a rollback nothing is known.

/** How many states are remembered. */
const statesKeptMax = 4_000

/** The present state of a stream. */
export interface StreamState {
  /** Its number, or `undefined` if it does not exist. */
  readonly number: number | undefined
  readonly version: number
}

/** Remembers states of streams. */
export class RecentStates {
  // By category, so that a look puts together no name.
  readonly #categories = new Map<string, Map<string, StreamState>>()
  #count = 0

  get(category: string, stream: string): StreamState | undefined {
    return this.#categories.get(category)?.get(stream)
  }

  /** Notes a state. If there is no room, it forgets all others: they are soon read again. */
  set(category: string, stream: string, state: StreamState): void {
    if (this.#count >= statesKeptMax) this.clear()
    let states = this.#categories.get(category)
    if (states === undefined) {
      states = new Map()
      this.#categories.set(category, states)
    }
    const before = states.size
    states.set(stream, state)
    this.#count += states.size - before
  }

  clear(): void {
    this.#categories.clear()
    this.#count = 0
  }
}
