// Facts as they are read: type, version and data at once, because a fold needs no more. Where a fact comes from is read when somebody asks for
// it, for all facts of its page together. Invariant: facts never change, so it does not matter when the rest is read.

import { TidingsError } from 'tidings'
import { formatPosition, type Position, type StoredFact } from 'tidings/ports'
import type { Row } from '../database/sqlite-connection.ts'
import { guarded } from '../database/sqlite-errors.ts'

/** The columns of `FactOrigin`, in its order. */
export const originColumns = `position, occurred_at, recorded_at, correlation_id, causation_id, caused_by, principal, tenant`

/** The rest of the facts of one page, once they are read. */
export class FactOrigins {
  readonly #read: () => readonly Row[]
  #rows: readonly Row[] | undefined

  /** @param read - reads the `originColumns` of the facts of the page, in their order. */
  constructor(read: () => readonly Row[]) {
    this.#read = read
  }

  at(index: number): Row {
    this.#rows ??= guarded('read where facts come from', this.#read)
    const row = this.#rows[index]
    if (row !== undefined) return row
    throw new TidingsError('CORRUPT_DATA', 'A fact is no longer in the store that it was read from.')
  }
}

/** A fact of a store. */
export class SqliteFact implements StoredFact {
  readonly category: string
  readonly stream: string
  readonly streamVersion: number
  readonly type: string
  readonly version: number
  readonly data: string
  readonly #origins: FactOrigins
  readonly #index: number
  readonly #number: number | undefined
  #position: Position | undefined

  /**
   * @param index - its place among the facts of the page.
   * @param number - its position, if that was read already.
   */
  constructor(
    category: string,
    stream: string,
    streamVersion: number,
    type: string,
    version: number,
    data: string,
    origins: FactOrigins,
    index: number,
    number: number | undefined,
  ) {
    this.category = category
    this.stream = stream
    this.streamVersion = streamVersion
    this.type = type
    this.version = version
    this.data = data
    this.#origins = origins
    this.#index = index
    this.#number = number
  }

  get position(): Position {
    this.#position ??= formatPosition(this.#number ?? (this.#row[0] as number))
    return this.#position
  }
  get occurredAt(): number {
    return this.#row[1] as number
  }
  get recordedAt(): number {
    return this.#row[2] as number
  }
  get correlationId(): string {
    return this.#row[3] as string
  }
  get causationId(): string {
    return this.#row[4] as string
  }
  get causedBy(): string {
    return this.#row[5] as string
  }
  get principal(): string | null {
    return this.#row[6] as string | null
  }
  get tenant(): string | null {
    return this.#row[7] as string | null
  }

  get #row(): Row {
    return this.#origins.at(this.#index)
  }
}
