// Rows that were read or written recently. Only for tables that a single read model or replica writes: there the fence on the subscription's
// checkpoint proves that nothing else has written, so rows need neither be read again nor be checked.

/** A row's text. */
export interface RowText {
  readonly schemaVersion: number
  readonly json: string
  /** The revision at which it was read from the store; a row that was written or cached may have none. */
  readonly revision?: number
}

/** A bounded cache of rows; `null` stands for a row that is not there. */
export class RowCache {
  // By table, so that a read puts together no name.
  readonly #tables = new Map<string, Map<string, RowText | null>>()
  #count = 0
  readonly #countMax: number

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get(table: string, key: string): RowText | null | undefined {
    return this.#tables.get(table)?.get(key)
  }

  /** Keeps a row; evicts one of those that were kept longest if there is no room. */
  set(table: string, key: string, row: RowText | null): void {
    let rows = this.#tables.get(table)
    if (rows === undefined) {
      rows = new Map()
      this.#tables.set(table, rows)
    }
    if (!rows.has(key) && ++this.#count > this.#countMax) this.#evict()
    rows.set(key, row)
  }

  // From the fullest table: a table that only grows leaves room for the others.
  #evict(): void {
    let fullest = new Map<string, RowText | null>()
    for (const rows of this.#tables.values()) if (rows.size > fullest.size) fullest = rows
    const [oldest] = fullest.keys()
    if (oldest !== undefined && fullest.delete(oldest)) this.#count--
  }

  /** Forgets everything: after a commit that failed or was fenced. */
  clear(): void {
    this.#tables.clear()
    this.#count = 0
  }
}
