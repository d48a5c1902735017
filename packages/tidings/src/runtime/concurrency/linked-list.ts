// A list of what runs, in the order in which it began. Invariant: an entry holds its own place, so that putting it in and taking it out makes no object.

/** What may stand in one list at a time. */
export interface Linked<T> {
  earlier: T | undefined
  later: T | undefined
}

/** A list of entries that hold their places. */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined
  #last: T | undefined

  /** The entry that has been in it the longest. */
  get first(): T | undefined {
    return this.#first
  }

  /** Puts an entry at the end. It must not be in the list. */
  add(entry: T): void {
    entry.earlier = this.#last
    if (this.#last === undefined) this.#first = entry
    else this.#last.later = entry
    this.#last = entry
  }

  /** Takes an entry out; does nothing if it is not in the list any more. */
  remove(entry: T): void {
    const { earlier, later } = entry
    if (earlier === undefined && this.#first !== entry) return
    if (earlier === undefined) this.#first = later
    else earlier.later = later
    if (later === undefined) this.#last = earlier
    else later.earlier = earlier
    entry.earlier = undefined
    entry.later = undefined
  }
}
