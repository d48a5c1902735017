// Columns whose values all have one type: each read gives the same as if the layout named no type.

import assert from 'node:assert/strict'
import type { ColumnValue, RowQuery, Store, TableLayout } from 'tidings/ports'
import { commit } from '../fixtures/expectations.ts'
import { sampleRow } from '../fixtures/samples.ts'
import { byColumn, byUtf8 } from '../fixtures/text-order.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Columns with a type'

const samples: Readonly<Record<'text' | 'number' | 'boolean', readonly ColumnValue[]>> = {
  text: [
    '',
    '0',
    '10',
    '2',
    'B',
    'a',
    "it's",
    '"',
    '\\',
    '\uff5e',
    '\u{1f600}',
    'x'.repeat(5_000),
    `${'x'.repeat(5_000)}y`,
  ],
  number: [-1e300, -(2 ** 53 - 1), -2, -0.5, 0, 5e-324, 0.1, 1, 2, 10, 2 ** 53 - 1, 2 ** 53 + 2, 1e300],
  boolean: [false, true],
}

interface Named {
  readonly key: string
  readonly value: ColumnValue
}

/** Two rows of each value, and some without one: with `null`, and without the field. */
function rowsOf(values: readonly ColumnValue[]): readonly (Named & { readonly json: string })[] {
  const rows = ['b', 'a'].flatMap((part) =>
    values.map((value, index) => ({
      key: `${part}${(index * 7) % values.length}`,
      value,
      json: JSON.stringify({ value }),
    })),
  )
  return [...rows, { key: 'null', value: null, json: '{"value":null}' }, { key: 'missing', value: null, json: '{}' }]
}

const keysOf = (rows: readonly { readonly key: string }[]) => rows.map(({ key }) => key)

/** Checks all ways to read rows by the column `value` of table `rows`. */
async function checkReads(store: Store, rows: readonly Named[]): Promise<void> {
  const sorted = keysOf([...rows].sort((a, b) => byColumn(a.value, b.value) || byUtf8(a.key, b.key)))
  const along: RowQuery = { table: 'rows', index: { column: 'value' }, limit: 1_000 }
  assert.deepEqual(keysOf(await store.find(along)), sorted)
  assert.deepEqual(keysOf(await store.find({ ...along, reverse: true })), [...sorted].reverse())
  const valueAt = new Map(rows.map(({ key, value }) => [key, value]))
  for (const reverse of [false, true]) {
    const paged: string[] = []
    for (let after: RowQuery['after']; paged.length <= rows.length; ) {
      const page = await store.find({ ...along, reverse, limit: 3, ...(after === undefined ? {} : { after }) })
      paged.push(...keysOf(page))
      const last = page.at(-1)
      if (last === undefined) break
      after = { key: last.key, column: valueAt.get(last.key) ?? null }
    }
    assert.deepEqual(paged, reverse ? [...sorted].reverse() : sorted)
  }
  const strangers: readonly ColumnValue[] = ['1', 'true', 1, 0, true, false, 'never', 0.25]
  for (const equals of new Set([...rows.map(({ value }) => value), ...strangers])) {
    const wanted = keysOf(rows.filter(({ value }) => value === equals)).sort(byUtf8)
    const found = await store.find({ ...along, index: { column: 'value', equals } })
    assert.deepEqual(keysOf(found), wanted, `equals ${String(equals).slice(0, 40)}`)
    const where = await store.find({ table: 'rows', where: [{ column: 'value', equals }], limit: 1_000 })
    assert.deepEqual(keysOf(where), wanted, `where ${String(equals).slice(0, 40)}`)
  }
}

const layout = (type?: 'text' | 'number' | 'boolean'): TableLayout => ({
  name: 'rows',
  indexes: ['value'],
  ...(type === undefined ? {} : { columnTypes: { value: type } }),
})

const types = ['text', 'number', 'boolean'] as const

/** Tests of `columnTypes`. */
export const typedColumnTests: readonly ConformanceTest[] = [
  ...types.map(
    (type): ConformanceTest => ({
      topic,
      name: `a column of type ${type} is read as one without a type: in order, page by page, by value, without a value`,
      run: async (place) => {
        const store = await place.openStore()
        await store.ensureTable(layout(type))
        const rows = rowsOf(samples[type])
        await commit(store, { rows: rows.map(({ key, value, json }) => sampleRow('rows', key, [value], json)) })
        await checkReads(store, rows)
        const changed = rows.map((row) => (row.key === 'a0' ? { ...row, value: null, json: '{}' } : row))
        await commit(store, { rows: [sampleRow('rows', 'a0', [null], '{}')] })
        await checkReads(store, changed)
      },
    }),
  ),
  ...types.map(
    (type): ConformanceTest => ({
      topic,
      name: `a column gets the type ${type}, loses it and gets an index anew, and keeps its values`,
      run: async (place) => {
        const store = await place.openStore()
        await store.ensureTable(layout())
        const rows = rowsOf(samples[type])
        await commit(store, { rows: rows.map(({ key, value, json }) => sampleRow('rows', key, [value], json)) })
        for (const next of [type, undefined, type]) {
          await store.ensureTable(layout(next))
          await checkReads(store, rows)
        }
        await store.ensureTable({ name: 'rows', indexes: [] })
        await store.ensureTable(layout(type))
        await checkReads(store, rows)
      },
    }),
  ),
  {
    topic,
    name: 'rows with values of another type are kept when their column gets a type',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable(layout())
      const rows = rowsOf(['1', 1, true, 'true', 0.5])
      await commit(store, { rows: rows.map(({ key, value, json }) => sampleRow('rows', key, [value], json)) })
      for (const type of types) {
        await store.ensureTable(layout(type))
        assert.equal((await store.find({ table: 'rows', index: { column: 'value' }, limit: 100 })).length, rows.length)
        assert.deepEqual(
          keysOf(await store.find({ table: 'rows', index: { column: 'value', equals: 1 }, limit: 100 })),
          keysOf(rows.filter(({ value }) => value === 1)).sort(byUtf8),
        )
      }
    },
  },
]
