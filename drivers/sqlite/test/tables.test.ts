// Tables: layouts that grow and shrink, names of any length, and the order of an index.

import { DatabaseSync } from 'node:sqlite'
import type { ColumnValue, RowQuery, Store } from 'tidings/ports'
import { expect, test } from 'vitest'
import { boundedName } from '../src/database/sqlite-names.ts'
import { put } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

async function openStore(directory = temporaryFolder()): Promise<Store> {
  return (await openEngine(directory)).openStore('orders')
}

async function keysOf(store: Store, query: Omit<RowQuery, 'limit'>): Promise<string[]> {
  return (await store.find({ ...query, limit: 100 })).map(({ key }) => key)
}

test('a layout grows and shrinks; a new column is filled from the documents', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  await store.ensureTable({ name: 'parcels', indexes: [] })
  await store.commit(put('parcels', 'a', { state: 'sent', weight: 2, fragile: true, box: { w: 1 } }))
  await store.commit(put('parcels', 'b', { state: 'lost', weight: 10, fragile: false }))
  await store.ensureTable({ name: 'parcels', indexes: ['state', 'weight', 'fragile', 'box'] })
  expect(await keysOf(store, { table: 'parcels', index: { column: 'weight' } })).toEqual(['a', 'b'])
  expect(await keysOf(store, { table: 'parcels', index: { column: 'fragile', equals: true } })).toEqual(['a'])
  expect(await keysOf(store, { table: 'parcels', index: { column: 'box', equals: null } })).toEqual(['a', 'b'])
  await store.ensureTable({ name: 'parcels', indexes: ['weight', 'state'] })
  await store.commit(put('parcels', 'c', {}, [5, 'sent']))
  expect(await keysOf(store, { table: 'parcels', index: { column: 'state', equals: 'sent' } })).toEqual(['a', 'c'])
  await store.close()
  const again = await openStore(folder)
  expect(again.tableNames()).toEqual(['parcels'])
  expect(await keysOf(again, { table: 'parcels', index: { column: 'weight' }, reverse: true })).toEqual(['b', 'c', 'a'])
  await again.dropTable('parcels')
  await again.dropTable('parcels')
  expect(again.tableNames()).toEqual([])
})

test('the index of the schedule has no keys, and every other index has them', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  const file = `${folder}/orders.db`
  await store.ensureTable({ name: 'agenda', indexes: ['dueAt', 'owner'] })
  // The document has no such field, so the values are in the columns alone.
  await store.commit(put('agenda', 'b', [1], [5, 'x']))
  await store.commit(put('agenda', 'a', [2], [5, 'x']))
  await store.commit(put('agenda', 'c', [3], [4, 'y']))
  const query = { table: 'agenda', index: { column: 'dueAt' } }
  expect(await keysOf(store, query)).toEqual(['c', 'a', 'b'])
  await store.ensureTable({ name: 'agenda', indexes: ['dueAt', 'owner'], tiesInAnyOrder: ['dueAt'] })
  expect(await keysOf(store, query)).toEqual(['c', 'b', 'a'])
  await store.close()
  const database = new DatabaseSync(file, { readOnly: true })
  const columns = database
    .prepare(
      "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'agenda' AND sql IS NOT NULL ORDER BY name",
    )
    .all()
    .map(({ sql }) => /\((.*)\)/.exec(String(sql))?.[1])
  database.close()
  expect(columns).toEqual(['"dueAt"', '"owner", key'])
  const again = await openStore(folder)
  await again.ensureTable({ name: 'agenda', indexes: ['dueAt', 'owner'], tiesInAnyOrder: ['dueAt'] })
  expect(await keysOf(again, query)).toEqual(['c', 'b', 'a'])
  expect(await keysOf(again, { table: 'agenda', index: { column: 'owner' } })).toEqual(['a', 'b', 'c'])
})

test('long names that differ at the end, generations, and fields named like own columns stay apart [trap: names-cut]', async () => {
  const store = await openStore()
  const long = `a${'-b'.repeat(40)}`
  const names = [`${long}-c`, `${long}-d`, 'months', 'months@2', 'tidings.inbox']
  for (const name of names) {
    await store.ensureTable({ name, indexes: ['key', 'doc', 'revision'] })
    await store.commit(put(name, name, {}, [1, 'x', null]))
  }
  for (const name of names) {
    expect(await keysOf(store, { table: name, index: { column: 'key', equals: 1 } })).toEqual([name])
    expect(await store.sql(`SELECT key, "key$" FROM ${store.tableIdentifier(name)}`, [])).toEqual([
      { key: name, key$: 1 },
    ])
    expect(Buffer.byteLength(boundedName(name))).toBeLessThanOrEqual(63)
  }
})

test('an index is read forwards and backwards, page by page, over rows with and without a value', async () => {
  const store = await openStore()
  await store.ensureTable({ name: 'mixed', indexes: ['value'] })
  const values: ColumnValue[] = [null, null, -1, 0.5, 2, 2, true, '', 'a', 'b', null, 'b']
  for (const [index, value] of values.entries())
    await store.commit(put('mixed', `k${index}`.padEnd(4, '-'), {}, [value]))
  const all = await store.find({ table: 'mixed', index: { column: 'value' }, limit: 100 })
  const order = ['k0--', 'k1--', 'k10-', 'k2--', 'k3--', 'k6--', 'k4--', 'k5--', 'k7--', 'k8--', 'k11-', 'k9--']
  expect(all.map(({ key }) => key)).toEqual(order)
  for (const reverse of [false, true]) {
    for (const limit of [1, 2, 5]) {
      const seen: string[] = []
      let after: RowQuery['after']
      for (;;) {
        const page = await store.find({
          table: 'mixed',
          index: { column: 'value' },
          reverse,
          limit,
          ...(after ? { after } : {}),
        })
        if (page.length === 0) break
        seen.push(...page.map(({ key }) => key))
        const key = page.at(-1)?.key ?? ''
        after = { key, column: values[Number(key.replace(/[k-]/g, ''))] ?? null }
      }
      expect(seen).toEqual(reverse ? order.toReversed() : order)
    }
  }
})
