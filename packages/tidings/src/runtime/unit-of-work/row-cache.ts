// Rows that were read or written recently. Only for tables that a single read model or replica writes: there the fence on the subscription's
// checkpoint proves that nothing else has written, so rows need neither be read again nor be checked.

/** A row's text. */
export interface RowText {
  readonly schemaVersion: number
  readonly json: string
}

/** A bounded cache of rows; `null` stands for a row that is not there. */
export class RowCache {
  readonly #rows = new Map<string, RowText | null>()
  readonly #countMax: number

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get(table: string, key: string): RowText | null | undefined {
    return this.#rows.get(`${table}/${key}`)
  }

  /** Keeps a row; evicts the one that was kept longest if there is no room. */
  set(table: string, key: string, row: RowText | null): void {
    const id = `${table}/${key}`
    if (this.#rows.size >= this.#countMax && !this.#rows.has(id)) {
      const [oldest] = this.#rows.keys()
      if (oldest !== undefined) this.#rows.delete(oldest)
    }
    this.#rows.set(id, row)
  }

  /** Forgets everything: after a commit that failed or was fenced. */
  clear(): void {
    this.#rows.clear()
  }
}
