// A table comes into the file with its first row: a new store of a service that uses few tables has few. Nobody who uses the store can tell.

import { expect, test } from 'vitest'
import { prepare } from '../src/database/sqlite-connection.ts'
import type { SqliteStore } from '../src/store/sqlite-store.ts'
import { put, unit } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

const open = async (directory: string) => (await (await openEngine(directory)).openStore('orders')) as SqliteStore

const inFile = ({ database }: SqliteStore) =>
  prepare(database, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'tidings_%' ORDER BY name`)
    .all()
    .map(([name]) => name)

const remove = (table: string, key: string) => unit({ rows: [{ table, key, row: null }] })

test('a table comes into the file with its first row, and reads as an empty one before', async () => {
  const folder = temporaryFolder()
  const store = await open(folder)
  await store.ensureTable({ name: 'parcels', indexes: ['state'] })
  await store.ensureTable({ name: 'crates', indexes: [] })
  expect(await store.tableNames()).toEqual(['crates', 'parcels'])
  expect(await store.get('parcels', 'a')).toBeUndefined()
  expect(await store.find({ table: 'parcels', index: { column: 'state' }, limit: 1 })).toEqual([])
  expect(await store.count('parcels')).toBe(0)
  expect((await store.commit(remove('parcels', 'a'))).committed).toBe(true)
  expect(inFile(store)).toEqual([])
  // The other layout of a table that is not in the file takes no transaction.
  await store.ensureTable({ name: 'parcels', indexes: ['state', 'city'] })
  await store.commit(put('parcels', 'a', {}, ['sent', 'Bern']))
  expect(inFile(store)).toEqual(['parcels'])
  expect([await store.count('parcels'), (await store.get('parcels', 'a'))?.json]).toEqual([1, '{}'])
  await store.dropTable('crates')
  expect(await store.tableNames()).toEqual(['parcels'])
  await store.close()
  const again = await open(folder)
  expect(await again.tableNames()).toEqual(['parcels'])
  await again.ensureTable({ name: 'parcels', indexes: ['state', 'city'] })
  expect(await again.find({ table: 'parcels', index: { column: 'city', equals: 'Bern' }, limit: 1 })).toHaveLength(1)
})

test('a table whose first row was rolled back takes the next one', async () => {
  const store = await open(temporaryFolder())
  await store.ensureTable({ name: 'parcels', indexes: [] })
  // They share a transaction, which is rolled back, and then each has its own.
  const [first, second] = await Promise.allSettled([
    store.commit(put('parcels', 'a', {})),
    store.commit(put('parcels', 'b', {}, ['a column too many'])),
  ])
  expect([first.status, second.status]).toEqual(['fulfilled', 'rejected'])
  expect((await store.get('parcels', 'a'))?.json).toBe('{}')
  expect(inFile(store)).toEqual(['parcels'])
})

test('a transaction that fails leaves a table that was not in the file as empty as it was', async () => {
  const store = await open(temporaryFolder())
  await store.ensureTable({ name: 'parcels', indexes: [] })
  const rows = [...put('parcels', 'a', {}).rows, ...put('parcels', 'b', {}, ['a column too many']).rows]
  await expect(store.commit(unit({ rows }))).rejects.toThrow()
  expect([await store.count('parcels'), await store.get('parcels', 'a'), inFile(store)]).toEqual([0, undefined, []])
  await store.commit(put('parcels', 'c', {}))
  expect(await store.count('parcels')).toBe(1)
})

test('SQL reads a table that never had a row', async () => {
  const store = await open(temporaryFolder())
  await store.ensureTable({ name: 'parcels', indexes: ['state'] })
  expect(await store.sql(`SELECT state FROM ${store.tableIdentifier('parcels')}`, [])).toEqual([])
  await store.ensureTable({ name: 'crates', indexes: [] })
  expect(await store.sql(`SELECT count(*) AS count FROM ${store.tableIdentifier('crates')}`, [])).toEqual([
    { count: 0 },
  ])
  await store.commit(put('crates', 'a', {}))
  expect(await store.count('crates')).toBe(1)
})
