// Plain SQL for read models, if a store claims it; otherwise it must refuse SQL with a code.

import assert from 'node:assert/strict'
import { commit, refuses } from '../fixtures/expectations.ts'
import { sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'
import type { Place } from '../suite/place.ts'

const topic = 'SQL'

async function openWithRows(place: Place) {
  const store = await place.openStore()
  await store.ensureTable({
    name: 'months@2',
    indexes: ['state', 'cents'],
    columnTypes: { state: 'text', cents: 'number' },
  })
  const rows = [
    ['a', 'BE', 100],
    ['b', 'GE', 250],
    ['c', 'BE', 50],
  ] as const
  await commit(store, {
    rows: rows.map(([id, state, cents]) =>
      sampleRow('months@2', id, [state, cents], JSON.stringify({ id, state, cents })),
    ),
  })
  return store
}

/** A test for stores with SQL; one without must refuse the same calls with `SQL_UNSUPPORTED`. */
export function sqlTest(name: string, run: (place: Place) => Promise<void>): ConformanceTest {
  return {
    topic,
    name: `${name}; SQL_UNSUPPORTED if sql is false`,
    run: async (place) => {
      if (place.capabilities.sql) return run(place)
      const store = await openWithRows(place)
      await refuses('SQL_UNSUPPORTED', 'sql', () => store.sql('SELECT 1', []))
      await refuses('SQL_UNSUPPORTED', 'tableIdentifier', () => store.tableIdentifier('months@2'))
      assert.equal(store.sqlExpressions, undefined)
    },
  }
}

/** Tests of `sql` and `tableIdentifier`, and of what a store claims. */
export const sqlTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'the store’s capabilities are those it claims',
    run: async (place) => {
      const store = await place.openStore()
      assert.equal(store.capabilities.sql, place.capabilities.sql)
      assert.equal(store.capabilities.durable, place.capabilities.durable)
      assert.equal(store.capabilities.writers, place.capabilities.writers)
      assert.equal(store.service, 'alpha')
      assert.ok(place.engine.durability.length > 0, 'the engine says in words which crashes its commits survive')
    },
  },
  sqlTest('a table has the columns key, doc and its indexed fields, and is named by tableIdentifier', async (place) => {
    const store = await openWithRows(place)
    const table = store.tableIdentifier('months@2')
    const found = await store.sql(`SELECT key, doc, state, cents FROM ${table} ORDER BY key`, [])
    assert.deepEqual(
      found.map((row) => ({ ...row })),
      [
        { key: 'a', doc: '{"id":"a","state":"BE","cents":100}', state: 'BE', cents: 100 },
        { key: 'b', doc: '{"id":"b","state":"GE","cents":250}', state: 'GE', cents: 250 },
        { key: 'c', doc: '{"id":"c","state":"BE","cents":50}', state: 'BE', cents: 50 },
      ],
    )
    const sums = await store.sql(`SELECT state, sum(cents) AS cents FROM ${table} GROUP BY state ORDER BY state`, [])
    assert.deepEqual(
      sums.map((row) => ({ ...row })),
      [
        { state: 'BE', cents: 150 },
        { state: 'GE', cents: 250 },
      ],
    )
  }),
  sqlTest('SQL sees what was committed before it was asked', async (place) => {
    const store = await openWithRows(place)
    const count = async () =>
      Number((await store.sql(`SELECT count(*) AS n FROM ${store.tableIdentifier('months@2')}`, []))[0]?.n)
    assert.equal(await count(), 3)
    await commit(store, { rows: [sampleRow('months@2', 'd', ['BE', 1])] })
    assert.equal(await count(), 4)
    await commit(store, { rows: [{ table: 'months@2', key: 'a', row: null }] })
    assert.equal(await count(), 3)
  }),
  sqlTest('parameters are values and never part of the statement', async (place) => {
    const store = await openWithRows(place)
    const text = `SELECT key FROM ${store.tableIdentifier('months@2')} WHERE state = ? AND cents > ? ORDER BY key`
    const keys = async (...parameters: [string, number]) => (await store.sql(text, parameters)).map(({ key }) => key)
    assert.deepEqual(await keys('BE', 60), ['a'])
    assert.deepEqual(await keys("BE' OR '1'='1", 0), [])
  }),
  sqlTest('whatever is not one statement that reads is refused with SQL_REFUSED', async (place) => {
    const store = await openWithRows(place)
    const table = store.tableIdentifier('months@2')
    const statements = [
      `DELETE FROM ${table}`,
      `UPDATE ${table} SET doc = '{}'`,
      `INSERT INTO ${table} SELECT * FROM ${table}`,
      `DROP TABLE ${table}`,
      'CREATE TABLE mine (a)',
      `SELECT 1; DELETE FROM ${table}`,
      'BEGIN',
      'COMMIT',
      'SELEC 1',
      'SELECT never FROM nowhere',
      '',
    ]
    for (const text of statements) await refuses('SQL_REFUSED', JSON.stringify(text), () => store.sql(text, []))
    assert.equal(await store.count('months@2'), 3)
    await commit(store, { rows: [sampleRow('months@2', 'd', ['BE', 1])] })
  }),
]
