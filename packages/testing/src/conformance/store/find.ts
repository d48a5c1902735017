// Rows by range and by index. The order is the same on all engines (see text-order.ts), and successive pages skip no row and
// repeat none.

import assert from 'node:assert/strict'
import type { ColumnValue, RowQuery, Store, StoredRow } from 'tidings/ports'
import { commit, refuses } from '../fixtures/expectations.ts'
import { hostileKeys } from '../fixtures/hostile-input.ts'
import { sampleRow } from '../fixtures/samples.ts'
import { byColumn, byUtf8 } from '../fixtures/text-order.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'
import type { Place } from '../suite/place.ts'

const topic = 'Ranges and indexes'

const keysOf = (rows: readonly StoredRow[]) => rows.map(({ key }) => key)

const valueIn = ({ json }: StoredRow) => (JSON.parse(json) as { columns: ColumnValue[] }).columns[0] ?? null

const values: readonly ColumnValue[] = [
  ...[null, -1e300, -2, -0.5, 0, 0.5, 1, 2, 10, 2 ** 53 - 1, 1e300],
  ...['', '0', '10', '2', 'B', 'a', 'b', '\uff5e', '\u{1f600}'],
]

async function openWithKeys(place: Place, keys: readonly string[]): Promise<Store> {
  const store = await place.openStore()
  await store.ensureTable({ name: 'rows', indexes: [] })
  await commit(store, { rows: [...keys].reverse().map((key) => sampleRow('rows', key)) })
  return store
}

/** Three rows of each value, written in another order than the index has. */
async function openWithIndex(place: Place, tiesInAnyOrder: readonly string[] = []): Promise<Store> {
  const store = await place.openStore()
  await store.ensureTable({ name: 'rows', indexes: ['value'], tiesInAnyOrder })
  const rows = ['c', 'a', 'b'].flatMap((part) =>
    values.map((value, index) => sampleRow('rows', `${part}${(index * 7) % values.length}`, [value])),
  )
  await commit(store, { rows })
  return store
}

async function readAll(
  store: Store,
  query: RowQuery,
  limit: number,
  withColumn: boolean,
  columnOf: (row: StoredRow) => ColumnValue = valueIn,
): Promise<StoredRow[]> {
  const rows: StoredRow[] = []
  let after: RowQuery['after']
  for (let page = 0; page < 1_000; page++) {
    const found = await store.find({ ...query, limit, ...(after === undefined ? {} : { after }) })
    assert.ok(found.length <= limit, `a page has at most ${limit} rows`)
    rows.push(...found)
    const last = found.at(-1)
    if (last === undefined) return rows
    after = withColumn ? { key: last.key, column: columnOf(last) } : { key: last.key }
  }
  return assert.fail('reading on from the last row of a page comes to an end')
}

/** Tests of `find`. */
export const findTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'without index, rows come in the order of their keys: by code points, as UTF-8 bytes do',
    run: async (place) => {
      const store = await openWithKeys(place, hostileKeys)
      const sorted = [...hostileKeys].sort(byUtf8)
      assert.deepEqual(keysOf(await store.find({ table: 'rows', limit: 1_000 })), sorted)
      assert.deepEqual(keysOf(await store.find({ table: 'rows', reverse: true, limit: 1_000 })), [...sorted].reverse())
    },
  },
  {
    topic,
    name: 'fromKey is inclusive, toKey is exclusive, after is exclusive, limit is kept, forwards and backwards',
    run: async (place) => {
      const store = await openWithKeys(place, ['a', 'b', 'c', 'd', 'e'])
      const find = async (query: Partial<RowQuery>) =>
        keysOf(await store.find({ table: 'rows', limit: 10, ...query })).join('')
      assert.equal(await find({ fromKey: 'b', toKey: 'd' }), 'bc')
      assert.equal(await find({ fromKey: 'bb' }), 'cde')
      assert.equal(await find({ toKey: 'a' }), '')
      assert.equal(await find({ fromKey: 'd', toKey: 'b' }), '')
      assert.equal(await find({ after: { key: 'b' } }), 'cde')
      assert.equal(await find({ after: { key: 'bb' }, limit: 2 }), 'cd')
      assert.equal(await find({ after: { key: 'a' }, fromKey: 'c', toKey: 'e' }), 'cd')
      assert.equal(await find({ reverse: true, limit: 2 }), 'ed')
      assert.equal(await find({ reverse: true, after: { key: 'd' } }), 'cba')
      assert.equal(await find({ reverse: true, fromKey: 'b', toKey: 'e', after: { key: 'd' } }), 'cb')
      assert.equal(await find({ reverse: true, fromKey: 'b', toKey: 'd', limit: 1 }), 'c')
    },
  },
  {
    topic,
    name: 'going on after the last row of a page gives every row once, by key',
    run: async (place) => {
      const store = await openWithKeys(place, hostileKeys)
      const sorted = [...hostileKeys].sort(byUtf8)
      for (const limit of [1, 3, 1_000]) {
        assert.deepEqual(keysOf(await readAll(store, { table: 'rows', limit }, limit, false)), sorted)
        const backwards = await readAll(store, { table: 'rows', limit, reverse: true }, limit, false)
        assert.deepEqual(keysOf(backwards), [...sorted].reverse())
      }
    },
  },
  {
    topic,
    name: 'along an index, rows come in the order of its column, then of keys: no value, numbers, text',
    run: async (place) => {
      const store = await openWithIndex(place)
      const rows = await store.find({ table: 'rows', index: { column: 'value' }, limit: 1_000 })
      assert.equal(rows.length, values.length * 3)
      const sorted = [...rows].sort((a, b) => byColumn(valueIn(a), valueIn(b)) || byUtf8(a.key, b.key))
      assert.deepEqual(keysOf(rows), keysOf(sorted))
      const backwards = await store.find({ table: 'rows', index: { column: 'value' }, reverse: true, limit: 1_000 })
      assert.deepEqual(keysOf(backwards), keysOf(sorted).reverse())
    },
  },
  {
    topic,
    name: 'going on after the last row of a page gives every row once, along an index',
    run: async (place) => {
      const store = await openWithIndex(place)
      const query: RowQuery = { table: 'rows', index: { column: 'value' }, limit: 1_000 }
      const all = keysOf(await store.find(query))
      for (const limit of [1, 2, 7]) {
        assert.deepEqual(keysOf(await readAll(store, query, limit, true)), all)
        assert.deepEqual(keysOf(await readAll(store, { ...query, reverse: true }, limit, true)), [...all].reverse())
      }
    },
  },
  {
    topic,
    name: 'along an index whose ties come in any order, rows come by value, each once and the same each time; going on is refused',
    run: async (place) => {
      const store = await openWithIndex(place, ['value'])
      const query: RowQuery = { table: 'rows', index: { column: 'value' }, limit: 1_000 }
      const rows = await store.find(query)
      assert.deepEqual(keysOf(rows).sort(byUtf8), keysOf(await store.find({ table: 'rows', limit: 1_000 })))
      for (const [index, row] of rows.entries())
        assert.ok(index === 0 || byColumn(valueIn(rows[index - 1] as StoredRow), valueIn(row)) <= 0)
      for (const limit of [1, 5, 17])
        assert.deepEqual(keysOf(await store.find({ ...query, limit })), keysOf(rows).slice(0, limit))
      assert.deepEqual(keysOf(await store.find({ ...query, reverse: true })), keysOf(rows).reverse())
      for (const equals of values) {
        const found = await store.find({ ...query, index: { column: 'value', equals } })
        assert.deepEqual(keysOf(found).sort(byUtf8), keysOf(rows.filter((row) => valueIn(row) === equals)).sort(byUtf8))
      }
      const after = { key: rows[0]?.key ?? '', column: null }
      await refuses('INVARIANT', 'going on', () => store.find({ ...query, after }))
    },
  },
  {
    topic,
    name: 'an index whose ties come in any order gets another order with the layout, and keeps its values',
    run: async (place) => {
      const store = await openWithIndex(place)
      const query: RowQuery = { table: 'rows', index: { column: 'value' }, limit: 1_000 }
      const before = keysOf(await store.find(query))
      await store.ensureTable({ name: 'rows', indexes: ['value'], tiesInAnyOrder: ['value'] })
      assert.deepEqual(keysOf(await store.find(query)).sort(byUtf8), [...before].sort(byUtf8))
      await commit(store, { rows: [sampleRow('rows', 'z', [null])] })
      await store.ensureTable({ name: 'rows', indexes: ['value'] })
      assert.deepEqual(keysOf(await readAll(store, query, 4, true)), [...before.slice(0, 3), 'z', ...before.slice(3)])
    },
  },
  {
    topic,
    name: 'along an index, `equals` reads only the rows with that value, no value included',
    run: async (place) => {
      const store = await openWithIndex(place)
      for (const equals of values) {
        const query: RowQuery = { table: 'rows', index: { column: 'value', equals }, limit: 1_000 }
        const rows = await store.find(query)
        assert.equal(rows.length, 3, `three rows hold ${JSON.stringify(equals)}`)
        for (const row of rows) assert.equal(valueIn(row), equals)
        assert.deepEqual(keysOf(rows), keysOf(rows).sort(byUtf8))
        assert.deepEqual(keysOf(await readAll(store, query, 2, true)), keysOf(rows))
        assert.deepEqual(keysOf(await readAll(store, { ...query, reverse: true }, 2, true)), keysOf(rows).reverse())
      }
      const none = await store.find({ table: 'rows', index: { column: 'value', equals: 'never' }, limit: 10 })
      assert.deepEqual(none, [])
    },
  },
  {
    topic,
    name: 'an index finds true and false, each only its own',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: ['open'] })
      await commit(store, { rows: [sampleRow('rows', 'a', [true]), sampleRow('rows', 'b', [false])] })
      await commit(store, { rows: [sampleRow('rows', 'c', [null])] })
      const where = async (equals: boolean) =>
        keysOf(await store.find({ table: 'rows', index: { column: 'open', equals }, limit: 10 }))
      assert.deepEqual(await where(true), ['a'])
      assert.deepEqual(await where(false), ['b'])
    },
  },
  {
    topic,
    name: 'an index tells 1, true and text apart, in `equals` and in `where`, and goes through all of them in one order',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: ['value'] })
      const kinds: readonly ColumnValue[] = [0, 1, false, true, '0', '1', 'true']
      const rows = kinds.flatMap((value, index) =>
        ['a', 'b', 'c'].map((part) => sampleRow('rows', `${part}${index}`, [value], JSON.stringify({ value }))),
      )
      await commit(store, { rows })
      for (const [index, equals] of kinds.entries()) {
        const wanted = ['a', 'b', 'c'].map((part) => `${part}${index}`)
        const asked = { table: 'rows', index: { column: 'value', equals }, limit: 10 }
        assert.deepEqual(keysOf(await store.find(asked)), wanted, JSON.stringify(equals))
        assert.deepEqual(keysOf(await store.find({ ...asked, limit: 2 })), wanted.slice(0, 2))
        const conditions = { table: 'rows', where: [{ column: 'value', equals }], limit: 2 }
        assert.deepEqual(keysOf(await store.find(conditions)), wanted.slice(0, 2), JSON.stringify(equals))
      }
      const along = { table: 'rows', index: { column: 'value' }, limit: 2 }
      const all: string[] = []
      for (let after: RowQuery['after']; all.length <= rows.length; ) {
        const page = await store.find({ ...along, ...(after === undefined ? {} : { after }) })
        all.push(...keysOf(page))
        const last = page.at(-1)
        if (last === undefined) break
        after = { key: last.key, column: (JSON.parse(last.json) as { value: ColumnValue }).value }
      }
      assert.deepEqual([...all].sort(), rows.map(({ key }) => key).sort())
    },
  },
  {
    topic,
    name: '`where` reads only the rows that meet every condition, in the order of keys or of an index, page by page',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: ['day', 'colour', 'open'] })
      const documents = Array.from({ length: 60 }, (_, number) => ({
        key: `k${(number * 37) % 60}`,
        day: (number * 7) % 4,
        colour: number % 3 === 0 ? null : number % 3 === 1 ? 'red' : 'blue',
        open: number % 2 === 0,
      }))
      const rows = documents.map(({ key, ...each }) =>
        sampleRow('rows', key, [each.day, each.colour, each.open], JSON.stringify({ key, ...each })),
      )
      await commit(store, { rows })
      for (const colour of ['red', null]) {
        const where = [
          { column: 'colour', equals: colour },
          { column: 'open', equals: true },
        ]
        const matching = documents.filter((each) => each.colour === colour && each.open)
        const byKey = matching.map(({ key }) => key).sort(byUtf8)
        const byDay = [...matching].sort((a, b) => a.day - b.day || byUtf8(a.key, b.key)).map(({ key }) => key)
        for (const limit of [1, 3, 100]) {
          const dayOf = ({ json }: StoredRow) => (JSON.parse(json) as { day: number }).day
          for (const reverse of [false, true]) {
            const keys = keysOf(await readAll(store, { table: 'rows', where, reverse, limit }, limit, false))
            assert.deepEqual(keys, reverse ? [...byKey].reverse() : byKey)
            const sorted: RowQuery = { table: 'rows', index: { column: 'day' }, where, reverse, limit }
            const days = keysOf(await readAll(store, sorted, limit, true, dayOf))
            assert.deepEqual(days, reverse ? [...byDay].reverse() : byDay)
          }
        }
      }
      const none = { table: 'rows', where: [{ column: 'colour', equals: 'green' }], limit: 10 }
      assert.deepEqual(await store.find(none), [])
    },
  },
  {
    topic,
    name: 'an index follows its rows when they are written again or deleted',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: ['value', 'other'] })
      await commit(store, { rows: [sampleRow('rows', 'a', [1, 'x']), sampleRow('rows', 'b', [1, 'y'])] })
      await commit(store, { rows: [sampleRow('rows', 'a', [2, 'x']), { table: 'rows', key: 'b', row: null }] })
      const where = async (column: string, equals: ColumnValue) =>
        keysOf(await store.find({ table: 'rows', index: { column, equals }, limit: 10 }))
      assert.deepEqual(await where('value', 1), [])
      assert.deepEqual(await where('value', 2), ['a'])
      assert.deepEqual(await where('other', 'x'), ['a'])
      assert.deepEqual(await where('other', 'y'), [])
    },
  },
  {
    topic,
    name: 'a column that is not in the layout is refused',
    run: async (place) => {
      const store = await openWithKeys(place, ['a'])
      await refuses('INVARIANT', 'find along no index', () =>
        store.find({ table: 'rows', index: { column: 'value' }, limit: 1 }),
      )
      await refuses('INVARIANT', 'find with a condition on no index', () =>
        store.find({ table: 'rows', where: [{ column: 'value', equals: 1 }], limit: 1 }),
      )
    },
  },
  {
    topic,
    name: 'count gives the number of rows of a table',
    run: async (place) => {
      const store = await openWithKeys(place, hostileKeys)
      assert.equal(await store.count('rows'), hostileKeys.length)
      await store.ensureTable({ name: 'others', indexes: [] })
      assert.equal(await store.count('others'), 0)
    },
  },
]
