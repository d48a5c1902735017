// Tables and their rows by key: a row is returned as it was written, and its revision only grows.

import assert from 'node:assert/strict'
import { commit, refuses, unitOf } from '../fixtures/expectations.ts'
import { sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Tables'

/** Tests of tables and of rows by key. */
export const tableTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'ensureTable creates a table, and does nothing if it is as it should be',
    run: async (place) => {
      const store = await place.openStore()
      assert.deepEqual(await store.tableNames(), [])
      await store.ensureTable({ name: 'parcels', indexes: ['city'] })
      await commit(store, { rows: [sampleRow('parcels', 'a', ['Bern'])] })
      const before = await store.get('parcels', 'a')
      await store.ensureTable({ name: 'parcels', indexes: ['city'] })
      assert.deepEqual(await store.get('parcels', 'a'), before)
      assert.deepEqual(await store.tableNames(), ['parcels'])
    },
  },
  {
    topic,
    name: 'ensureTable brings the indexes up to the layout, with the values of the existing documents',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'parcels', indexes: ['city'] })
      const documents = [
        { id: 'a', city: 'Bern', kg: 2 },
        { id: 'b', city: 'Genf', kg: 2 },
        { id: 'c', city: 'Bern' },
        { id: 'd', city: 'Bern', kg: { no: 'scalar' } },
      ]
      const rows = documents.map((each) => sampleRow('parcels', each.id, [each.city], JSON.stringify(each)))
      await commit(store, { rows })
      await store.ensureTable({ name: 'parcels', indexes: ['kg', 'city'] })
      const keysWhere = async (column: string, equals: string | number | null) =>
        (await store.find({ table: 'parcels', index: { column, equals }, limit: 10 })).map(({ key }) => key)
      assert.deepEqual(await keysWhere('kg', 2), ['a', 'b'])
      assert.deepEqual(await keysWhere('kg', null), ['c', 'd'])
      assert.deepEqual(await keysWhere('city', 'Bern'), ['a', 'c', 'd'])
      await commit(store, { rows: [sampleRow('parcels', 'e', [2, 'Bern'])] })
      assert.deepEqual(await keysWhere('kg', 2), ['a', 'b', 'e'])
      await store.ensureTable({ name: 'parcels', indexes: [] })
      await commit(store, { rows: [sampleRow('parcels', 'f')] })
      assert.equal(await store.count('parcels'), 6)
    },
  },
  {
    topic,
    name: 'dropTable deletes a table with its rows; no error if there is none',
    run: async (place) => {
      const store = await place.openStore()
      await store.dropTable('never')
      for (const name of ['parcels', 'parcels@2']) {
        await store.ensureTable({ name, indexes: ['city'] })
        await commit(store, { rows: [sampleRow(name, 'a', [name])] })
      }
      await store.dropTable('parcels')
      assert.deepEqual(await store.tableNames(), ['parcels@2'])
      assert.equal(await store.count('parcels@2'), 1)
      await store.ensureTable({ name: 'parcels', indexes: ['city'] })
      assert.equal(await store.count('parcels'), 0)
      assert.equal(await store.get('parcels', 'a'), undefined)
    },
  },
  {
    topic,
    name: 'a table that was never ensured is refused, in reads and in commits',
    run: async (place) => {
      const store = await place.openStore()
      await refuses('INVARIANT', 'get', () => store.get('never', 'a'))
      await refuses('INVARIANT', 'find', () => store.find({ table: 'never', limit: 1 }))
      await refuses('INVARIANT', 'count', () => store.count('never'))
      await refuses('INVARIANT', 'commit', () => store.commit(unitOf({ rows: [sampleRow('never', 'a')] })))
    },
  },
  {
    topic,
    name: 'get gives a row as it was put, or undefined',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'parcels', indexes: [] })
      assert.equal(await store.get('parcels', 'a'), undefined)
      const json = '{"to":"Bern"}'
      const row = { schemaVersion: 7, json, columns: [] }
      const { revision } = await commit(store, { rows: [{ table: 'parcels', key: 'a', row }] })
      assert.deepEqual({ ...(await store.get('parcels', 'a')) }, { key: 'a', revision, schemaVersion: 7, json })
      assert.equal(await store.get('parcels', 'A'), undefined)
    },
  },
  {
    topic,
    name: 'a row that was read stays as it was when a later commit writes it',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'parcels', indexes: [] })
      await commit(store, { rows: [sampleRow('parcels', 'a', [], '1')] })
      const read = await store.get('parcels', 'a')
      await commit(store, { rows: [sampleRow('parcels', 'a', [], '2')] })
      assert.equal(read?.json, '1')
      assert.equal((await store.get('parcels', 'a'))?.json, '2')
      assert.equal(await store.count('parcels'), 1)
    },
  },
  {
    topic,
    name: 'a row of null deletes the row; deleting an absent row is no error',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'parcels', indexes: ['city'] })
      await commit(store, { rows: [sampleRow('parcels', 'a', ['Bern']), sampleRow('parcels', 'b', ['Bern'])] })
      await commit(store, { rows: ['a', 'never'].map((key) => ({ table: 'parcels', key, row: null })) })
      assert.equal(await store.get('parcels', 'a'), undefined)
      assert.equal(await store.count('parcels'), 1)
      const found = await store.find({ table: 'parcels', index: { column: 'city', equals: 'Bern' }, limit: 10 })
      assert.deepEqual(
        found.map(({ key }) => key),
        ['b'],
      )
    },
  },
  {
    topic,
    name: 'the revision of a row is that of the commit that wrote it last, and only grows within a store',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'parcels', indexes: [] })
      await store.ensureTable({ name: 'others', indexes: [] })
      const revisions: number[] = []
      const write = async (...rows: Parameters<typeof sampleRow>[]) => {
        const { revision } = await commit(store, { rows: rows.map((row) => sampleRow(...row)) })
        revisions.push(revision)
        for (const [table, key] of rows) assert.equal((await store.get(table, key))?.revision, revision)
      }
      await write(['parcels', 'a'], ['parcels', 'b'], ['others', 'a'])
      await write(['parcels', 'b'])
      assert.equal((await store.get('parcels', 'a'))?.revision, revisions[0])
      await commit(store, { rows: [{ table: 'parcels', key: 'a', row: null }] })
      await write(['parcels', 'a'])
      assert.ok(
        revisions.every((each) => each > 0),
        'a revision is greater than 0, which means no row',
      )
      assert.deepEqual(
        revisions,
        [...new Set(revisions)].sort((a, b) => a - b),
      )
    },
  },
  {
    topic,
    name: 'getMany gives rows in the order of the keys asked for',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'parcels', indexes: [] })
      await commit(store, { rows: ['a', 'b', 'c'].map((key) => sampleRow('parcels', key)) })
      const rows = await store.getMany('parcels', ['c', 'never', 'a', 'c'])
      assert.deepEqual(
        rows.map((row) => row?.key),
        ['c', undefined, 'a', 'c'],
      )
      assert.deepEqual(await store.getMany('parcels', []), [])
    },
  },
]
