// Reserves the unique values of the rows that a function has written, and releases those of the rows it has replaced, in the same unit of
// work. Invariant: a commit checks each reservation that it found missing, so of two functions at once the second one runs again and is
// rejected. A driver knows nothing of it.

import { reject } from '../../contracts/index.ts'
import type { RowText } from '../unit-of-work/row-cache.ts'
import type { PendingRow, UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type BoundTable, decode } from './bind-tables.ts'
import { reservationsOf, uniqueValue } from './unique-value.ts'

interface Change {
  readonly reservations: string
  readonly id: string
  readonly key: string
}

interface Claim extends Change {
  /** The rejection if another row has the value. */
  readonly taken: () => unknown
}

/**
 * Reserves and releases what a function's writes call for; throws a rejection if a value is taken.
 *
 * @param tables - the tables with unique fields, by their names in the store.
 * @returns a promise only if the function has written rows of such tables.
 */
export function claimUniques(unit: UnitOfWork, tables: ReadonlyMap<string, BoundTable>): Promise<void> | undefined {
  const overwritten = unit.takeOverwritten()
  return overwritten === undefined ? undefined : claim(unit, tables, overwritten)
}

async function claim(
  unit: UnitOfWork,
  tables: ReadonlyMap<string, BoundTable>,
  overwritten: NonNullable<ReturnType<UnitOfWork['takeOverwritten']>>,
): Promise<void> {
  const releases: Change[] = []
  const claims: Claim[] = []
  for (const [name, rows] of overwritten) {
    const table = tables.get(name)
    if (table === undefined) continue
    for (const [key, own] of rows) {
      const before = own === undefined ? await unit.getBeneath(name, key) : textOf(own)
      compare(table, name, key, before, textOf(unit.pendingRow(name, key)), releases, claims)
    }
  }
  // Everything is released first: a function may give the value of one row to another.
  for (const { reservations, id, key } of releases) {
    const kept = await unit.get(reservations, id)
    if (kept !== undefined && JSON.parse(kept.json) === key) unit.deleteRow(reservations, id)
  }
  for (const { reservations, id, key, taken } of claims) {
    const kept = await unit.get(reservations, id)
    if (kept === undefined) unit.putDocument(reservations, id, key)
    else if (JSON.parse(kept.json) !== key) throw taken()
  }
}

function compare(
  table: BoundTable,
  name: string,
  key: string,
  before: RowText | undefined,
  after: RowText | undefined,
  releases: Change[],
  claims: Claim[],
): void {
  const reservations = reservationsOf(name)
  const [was, is] = [before, after].map((row) => (row === undefined ? undefined : decode(table, row)))
  for (const unique of table.uniques) {
    const [old, now] = [was, is].map((row) =>
      row === undefined ? undefined : uniqueValue(table.chain.what, unique, row),
    )
    if (old === now) continue
    if (old !== undefined) releases.push({ reservations, id: old, key })
    const taken = () => reject(unique.code, unique.message, { table: name, fields: unique.fields })
    if (now !== undefined) claims.push({ reservations, id: now, key, taken })
  }
}

function textOf(pending: PendingRow | undefined): RowText | undefined {
  return pending?.row ?? undefined
}
