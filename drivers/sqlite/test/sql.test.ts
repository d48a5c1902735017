// Plain SQL reads tables and nothing else, and changes nothing.

import type { Store } from 'tidings/ports'
import { expect, test } from 'vitest'
import { put } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

async function openStore(): Promise<Store> {
  const engine = await openEngine(temporaryFolder(), { sqlRowCountMax: 100 })
  const store = await engine.openStore('insights')
  await store.ensureTable({ name: 'months@2', indexes: ['cents', 'open'] })
  for (const [key, cents] of [
    ['2017-01', 100],
    ['2017-02', 250],
  ] as const) {
    await store.commit(put('months@2', key, { cents, open: false }, [cents, false]))
  }
  return store
}

test('a SELECT with parameters, functions and JSON returns rows', async () => {
  const store = await openStore()
  const months = store.tableIdentifier('months@2')
  const text = `WITH m AS (SELECT * FROM ${months} WHERE open = ?) SELECT count(*) AS n, sum(cents) AS cents, max(doc ->> 'cents') AS top FROM m`
  expect(await store.sql(text, [false])).toEqual([{ n: 2, cents: 350, top: 250 }])
  expect(await store.sql(`SELECT key || ':' || cents AS line FROM ${months} ORDER BY cents DESC; `, [])).toEqual([
    { line: '2017-02:250' },
    { line: '2017-01:100' },
  ])
  expect(await store.sql("SELECT value FROM json_each('[1,2]')", [])).toEqual([{ value: 1 }, { value: 2 }])
})

test.each([
  ['a write', 'DELETE FROM "months@2"'],
  ['a write behind a WITH', 'WITH a AS (SELECT 1) UPDATE "months@2" SET doc = 1'],
  ['a second statement', 'SELECT 1; DELETE FROM "months@2"'],
  ['a schema change', 'CREATE TABLE t (a)'],
  ['another file', "ATTACH 'other.db' AS other"],
  ['a copy to a file', "VACUUM INTO 'copy.db'"],
  ['a pragma', 'PRAGMA journal_mode = DELETE'],
  ['a pragma as a table', 'SELECT * FROM pragma_table_list'],
  ['a transaction', 'BEGIN'],
  ['an extension', "SELECT load_extension('x')"],
  ["the store's own tables", 'SELECT * FROM tidings_log'],
  ['a count of them', 'SELECT count(*) FROM tidings_log'],
  ['the schema', 'SELECT sql FROM sqlite_master'],
  ['nonsense', 'SELEC 1'],
  ['nothing', ' -- '],
  ['too many rows', 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'],
  ['a number that JavaScript cannot hold', 'SELECT 9007199254740993'],
])('%s is refused', async (_title, text) => {
  const store = await openStore()
  expect(() => store.sql(text, [])).toThrow(expect.objectContaining({ code: 'SQL_REFUSED' }))
  expect(await store.sql(`SELECT count(*) AS n FROM ${store.tableIdentifier('months@2')}`, [])).toEqual([{ n: 2 }])
})

test('a whole number beyond 2^53 in a document is read if a number holds it, also beside others', async () => {
  const store = await openStore()
  const large = { cents: 2 ** 53 + 2, larger: 1e22, largest: -(2 ** 60), small: 1 }
  await store.commit(put('months@2', '2017-03', large, [large.cents, true]))
  const months = store.tableIdentifier('months@2')
  const members = Object.keys(large).map((name) => `doc ->> '${name}' AS ${name}`)
  const text = `SELECT ${members.join(', ')} FROM ${months} WHERE key = ?`
  for (let time = 0; time < 2; time++) expect(await store.sql(text, ['2017-03'])).toEqual([large])
  expect(await store.sql(`SELECT cents FROM ${months} WHERE cents = ?`, [large.cents])).toEqual([
    { cents: large.cents },
  ])
  expect(() => store.sql('SELECT 9007199254740993 AS odd', [])).toThrow('odd is 9007199254740993')
})

test('a statement that runs again sees what was committed since, and a table that was created again', async () => {
  const store = await openStore()
  const count = () => store.sql(`SELECT count(*) AS n FROM ${store.tableIdentifier('months@2')}`, [])
  expect(await count()).toEqual([{ n: 2 }])
  await store.commit(put('months@2', '2017-03', {}, [1, true]))
  expect(await count()).toEqual([{ n: 3 }])
  await store.dropTable('months@2')
  expect(() => count()).toThrow(expect.objectContaining({ code: 'SQL_REFUSED' }))
  await store.ensureTable({ name: 'months@2', indexes: [] })
  expect(await count()).toEqual([{ n: 0 }])
})
