// A list that is always in order: what an index is, in readable code. Searching halves; inserting moves what lies behind.

/** Items in the order of a comparison that is zero only for one and the same item. */
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
   * The items of a range, forwards or backwards.
   *
   * @param place - negative where an item lies before the range, zero within, positive behind.
   */
  range(place: (item: Item) => number, reverse: boolean, limit: number): Item[] {
    const start = this.#firstWhere((item) => place(item) >= 0)
    const end = this.#firstWhere((item) => place(item) > 0)
    return reverse
      ? this.#items.slice(Math.max(start, end - limit), end).reverse()
      : this.#items.slice(start, Math.min(end, start + limit))
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
