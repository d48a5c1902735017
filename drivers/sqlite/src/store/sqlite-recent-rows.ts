// The rows that were read lately, as they are in the open transaction or else in the file: whoever reads a row usually changes it, and then the
// commit checks its revision. A read outside of a transaction takes three locks of the file, so it costs ten times what it costs here.
// Invariant: a store has one writer, and each of its writes is noted here, so a row here is what SQLite would read. After a rollback nothing is.

import type { StoredRow } from 'tidings/ports'

/** The rows of a table that are known: `null` stands for a row that is not there. */
export interface RecentRows {
  get(key: string): StoredRow | null | undefined
  /** Notes what was read. */
  keep(key: string, row: StoredRow | null): void
  /** Notes what is written, if the row is known: what nobody reads is not kept. */
  change(key: string, row: StoredRow | null): void
  /** Forgets the rows: the table is gone. */
  end(): void
}

/** The recent rows of all tables of a store, within one limit. */
export interface RecentRowsOfStore {
  ofTable(): RecentRows
  /** Forgets every row. */
  clear(): void
}

/** How many rows are kept at least, if they are small; at most twice as many. */
const rowsMax = 4_000

/** How many characters of documents are kept at least; at most twice as many. */
const charactersMax = 1_000_000

/** A row with a longer document is not kept. */
const documentMax = 4_000

interface Generations {
  young: Map<string, StoredRow | null>
  old: Map<string, StoredRow | null>
}

/** Makes the place of a store's recent rows. They are in two generations: what is not read again while the young one fills up is forgotten. */
export function createRecentRows(): RecentRowsOfStore {
  const tables = new Set<Generations>()
  let rows = 0
  let characters = 0

  function spend(row: StoredRow | null): void {
    rows += 1
    characters += row?.json.length ?? 0
    if (rows <= rowsMax && characters <= charactersMax) return
    rows = 0
    characters = 0
    for (const table of tables) {
      table.old = table.young
      table.young = new Map()
    }
  }

  function put(table: Generations, key: string, row: StoredRow | null): void {
    if (row !== null && row.json.length > documentMax) {
      table.young.delete(key)
      table.old.delete(key)
      return
    }
    table.young.set(key, row)
    spend(row)
  }

  return {
    ofTable: () => {
      const table: Generations = { young: new Map(), old: new Map() }
      tables.add(table)
      return {
        get: (key) => {
          const young = table.young.get(key)
          if (young !== undefined) return young
          const old = table.old.get(key)
          if (old !== undefined) put(table, key, old)
          return old
        },
        keep: (key, row) => put(table, key, row),
        change: (key, row) => {
          if (table.young.has(key)) {
            if (row === null || row.json.length <= documentMax) table.young.set(key, row)
            else put(table, key, row)
          } else if (table.old.has(key)) put(table, key, row)
        },
        end: () => {
          tables.delete(table)
        },
      }
    },
    clear: () => {
      for (const table of tables) {
        table.young = new Map()
        table.old = new Map()
      }
      rows = 0
      characters = 0
    },
  }
}
