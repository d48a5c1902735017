// A sorted list, which serves as an index. Searches by bisection; an insertion moves the items after it.

/** Items in the order of a comparison. The comparison is zero only if both items are the same one. */
export class SortedList<Item> {
  readonly #items: Item[] = []
  readonly #compare: (a: Item, b: Item) => number

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  insert(item: Item): void {
    this.#items.splice(
      this.#firstWhere((other) => this.#compare(other, item) >= 0),
      0,
      item,
    )
  }

  remove(item: Item): void {
    const index = this.#firstWhere((other) => this.#compare(other, item) >= 0)
    const found = this.#items[index]
    if (found !== undefined && this.#compare(found, item) === 0) this.#items.splice(index, 1)
  }

  /**
   * The items of a range, in ascending or descending order.
   *
   * @param place - negative for an item before the range, zero for one in it, positive for one after it.
   * @param matches - which items of the range are wanted; at most `limit` of them are returned.
   */
  range(place: (item: Item) => number, reverse: boolean, limit: number, matches: (item: Item) => boolean): Item[] {
    const start = this.#firstWhere((item) => place(item) >= 0)
    const end = this.#firstWhere((item) => place(item) > 0)
    const found: Item[] = []
    for (let passed = 0; passed < end - start && found.length < limit; passed++) {
      const item = this.#items[reverse ? end - 1 - passed : start + passed] as Item
      if (matches(item)) found.push(item)
    }
    return found
  }

  #firstWhere(holds: (item: Item) => boolean): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (holds(this.#items[middle] as Item)) high = middle
      else low = middle + 1
    }
    return low
  }
}
