// SQL of users: one statement that reads, with limits of time and rows, whatever its text says.

import { expect, test } from 'vitest'
import { withNumberedParameters } from '../src/store/postgres-sql.ts'
import { openEngine } from './postgres-engine.ts'
import { put } from './postgres-units.ts'

async function openWithRows(options = {}) {
  const engine = await openEngine(options)
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  for (const key of ['a', 'b', 'c']) await store.commit(put('orders', key, { key }))
  return { store, table: store.tableIdentifier('orders') }
}

test('a text that ends its transaction and goes on with another statement is refused, and changes nothing', async () => {
  const { store, table } = await openWithRows()
  for (const text of [`SELECT 1; COMMIT; DELETE FROM ${table}`, `SELECT 1) AS x; COMMIT; DELETE FROM ${table}; --`])
    await expect(store.sql(text, [])).rejects.toMatchObject({ code: 'SQL_REFUSED' })
  expect(await store.count('orders')).toBe(3)
})

test('a function that writes is refused, because the transaction only reads', async () => {
  const { store, table } = await openWithRows()
  const sequence = table.replace('"orders"', 'tidings_revision')
  await expect(store.sql(`SELECT nextval('${sequence}')`, [])).rejects.toMatchObject({ code: 'SQL_REFUSED' })
})

test('a statement that runs too long, or returns too many rows, is refused with the limit that it met', async () => {
  const { store, table } = await openWithRows({ sqlTimeoutMs: 50, sqlRowCountMax: 2 })
  await expect(store.sql('SELECT pg_sleep(60)', [])).rejects.toThrow('sqlTimeoutMs')
  await expect(store.sql(`SELECT key FROM ${table}`, [])).rejects.toThrow('sqlRowCountMax')
  expect(await store.sql(`SELECT key FROM ${table} ORDER BY key LIMIT 2`, [])).toEqual([{ key: 'a' }, { key: 'b' }])
})

test('a whole number that JavaScript cannot hold is refused and not rounded', async () => {
  const { store } = await openWithRows()
  await expect(store.sql('SELECT 9007199254740993 AS n', [])).rejects.toMatchObject({ code: 'SQL_REFUSED' })
  expect(await store.sql('SELECT sum(n) AS n FROM (VALUES (2::bigint), (3)) v (n)', [])).toEqual([{ n: 5 }])
})

test('question marks are parameters, save in texts, quoted names and comments', () => {
  const text = `SELECT '?', "?", $$?$$, /* ? */ ? -- ?\n, ?;`
  expect(withNumberedParameters(text, [null, null])).toBe(`SELECT '?', "?", $$?$$, /* ? */ $1 -- ?\n, $2`)
})
