// Brings the reservations of unique values up to what the service declares, before it takes commands: for a field that became unique, for
// rows that a new version of their schema shows otherwise. The store's lock is held, so nobody writes rows meanwhile.
// Invariant: a record beside the reservations says what they are complete for. It is written last, and dropped with them.

import { isRejection, type Unique } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { RowWrite, Store, StoredRow } from '../../ports/index.ts'
import { type BoundTable, decode } from '../tables/bind-tables.ts'
import { reservationsOf, uniqueValue } from '../tables/unique-value.ts'
import { pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { readDocument } from '../unit-of-work/system-tables.ts'
import { refuseBesideOthers } from './fence.ts'
import type { ServiceCore } from './service-core.ts'

/** What is reserved for the rows of a table. */
interface Reserved {
  /** The version of the row schema that the values were taken in. */
  readonly version: number
  readonly fields: readonly (readonly string[])[]
}

/** Rows with the same value. */
interface Duplicate {
  readonly fields: readonly string[]
  /** The keys of the rows. */
  readonly keys: readonly string[]
}

/** The key of a table's record among its reservations, which all have a `/`. */
const recordKey = 'reserved'
const duplicatesNamedMax = 10
const duplicatesCountedMax = 1_000

/** Makes the reservations of a service's tables complete; throws `DUPLICATE_VALUES` if rows have the same value in unique fields. */
export async function reserveUniques(core: ServiceCore): Promise<void> {
  const { store } = core
  const present = new Set(await store.tableNames())
  for (const table of Object.values(core.tables)) {
    const name = table.physical()
    const reservations = reservationsOf(name)
    const wanted: Reserved = { version: table.chain.latest.version, fields: table.uniques.map(({ fields }) => fields) }
    const kept = present.has(reservations) ? await readDocument<Reserved>(store, reservations, recordKey) : undefined
    if (JSON.stringify(kept?.document) === JSON.stringify(wanted)) continue
    if (kept !== undefined || wanted.fields.length > 0)
      refuseBesideOthers(core, `The unique fields of table ${name} change`)
    await store.dropTable(reservations)
    if (wanted.fields.length === 0) continue
    await store.ensureTable({ name: reservations, indexes: [] })
    const duplicates = await reserveAll(core, table, name)
    if (duplicates.length > 0) throw duplicateValues(core, name, duplicates)
    await commitRows(core, [{ table: reservations, key: recordKey, row: documentOf(wanted) }])
  }
}

async function reserveAll(core: ServiceCore, table: BoundTable, name: string): Promise<readonly Duplicate[]> {
  const { store } = core
  const duplicates = new Map<string, Duplicate>()
  for await (const rows of pagesOfRows(store, { table: name })) {
    for (const unique of table.uniques) {
      const values = rows.flatMap((row) => {
        const id = keptValue(table, unique, row)
        return id === undefined ? [] : [{ id, key: row.key }]
      })
      const owners = await ownersOf(store, reservationsOf(name), values)
      for (const { id, key } of values) {
        const owner = owners.get(id) ?? key
        owners.set(id, owner)
        if (owner === key) continue
        const keys = duplicates.get(id)?.keys ?? [owner]
        duplicates.set(id, { fields: unique.fields, keys: [...keys, key] })
      }
      const owned = values.filter(({ id, key }) => owners.get(id) === key)
      const writes = owned.map(({ id, key }) => ({ table: reservationsOf(name), key: id, row: documentOf(key) }))
      await commitRows(core, writes)
    }
    if (duplicates.size >= duplicatesCountedMax) break
  }
  return [...duplicates.values()]
}

// Nobody sends the rows that are there, so nobody can be told no: a value that is too long is an error.
function keptValue(table: BoundTable, unique: Unique, row: StoredRow): string | undefined {
  try {
    return uniqueValue(`${table.chain.what}, row ${row.key}`, unique, decode(table, row))
  } catch (thrown) {
    throw isRejection(thrown) ? new TidingsError('INVALID_PAYLOAD', thrown.message) : thrown
  }
}

async function ownersOf(
  store: Store,
  reservations: string,
  values: readonly { readonly id: string }[],
): Promise<Map<string, string>> {
  const ids = values.map(({ id }) => id)
  const owners = new Map<string, string>()
  for (const row of await store.getMany(reservations, ids)) {
    if (row !== undefined) owners.set(row.key, JSON.parse(row.json) as string)
  }
  return owners
}

async function commitRows(core: ServiceCore, rows: readonly RowWrite[]): Promise<void> {
  if (rows.length === 0) return
  await core.store.commit({ checks: [], rows, appends: [], events: [] })
}

function documentOf(document: unknown): NonNullable<RowWrite['row']> {
  return { schemaVersion: 1, json: JSON.stringify(document), columns: [] }
}

// Names the rows, not their values: those may be personal data, and an error goes into logs.
function duplicateValues({ service }: ServiceCore, table: string, duplicates: readonly Duplicate[]): TidingsError {
  const named = duplicates
    .slice(0, duplicatesNamedMax)
    .map(({ fields, keys }) => `${keys.join(' and ')} (${fields.join(', ')})`)
  const count = duplicates.length < duplicatesCountedMax ? duplicates.length : `at least ${duplicatesCountedMax}`
  const values = `${count} ${duplicates.length === 1 ? 'value' : 'values'}`
  const more = duplicates.length > named.length ? '; …' : ''
  return new TidingsError(
    'DUPLICATE_VALUES',
    `Table ${table} of ${service.name} declares fields unique whose values occur in several rows: ${values}, in the rows ${named.join('; ')}${more}.`,
    { details: { table, duplicates: duplicates.slice(0, 100) } },
  )
}
