// SQL that gives the same on every engine: fields of documents, times as text, and what statements have in common.

import assert from 'node:assert/strict'
import type { ColumnValue, DocumentField, SqlExpressions, SqlType, Store, TimeUnit } from 'tidings/ports'
import { commit } from '../fixtures/expectations.ts'
import { sampleRow } from '../fixtures/samples.ts'
import { byUtf8 } from '../fixtures/text-order.ts'
import type { Place } from '../suite/place.ts'
import { sqlTest } from './sql.ts'

const values: readonly unknown[] = [
  ...['', 'a', 'B', 'é', 'it\'s "quoted" \\ ?', '5', 'true', 'null', '\uff5e', '\u{1f600}', 'x'.repeat(3_000)],
  ...[0, 7, -7, 2.5, -0.25, 1e300, -1e-300, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53 + 2, 123_456_789.125],
  ...[true, false, null, undefined, { a: 1 }, ['x', 2]],
]

const fits: Readonly<Record<SqlType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
}

const wanted = (value: unknown, type: SqlType): unknown => {
  if (!fits[type](value)) return null
  return typeof value === 'boolean' ? Number(value) : value
}

interface Asked {
  readonly store: Store
  readonly table: string
  readonly field: (path: DocumentField['path'], type: SqlType, more?: Partial<DocumentField>) => string
  readonly time: SqlExpressions['time']
  readonly rows: (text: string, parameters?: readonly ColumnValue[]) => Promise<readonly Record<string, unknown>[]>
  readonly first: (text: string, parameters?: readonly ColumnValue[]) => Promise<Record<string, unknown>>
}

/** Opens a store with documents in a table that has the indexes of a layout. */
async function openWith(
  place: Place,
  documents: readonly unknown[],
  columns: Readonly<Record<string, 'text' | 'number' | 'boolean'>> = {},
): Promise<Asked> {
  const store = await place.openStore()
  const indexes = Object.keys(columns)
  await store.ensureTable({ name: 'rows@1', indexes, columnTypes: columns })
  const valueIn = (document: unknown, name: string) => (document as Record<string, ColumnValue>)[name] ?? null
  await commit(store, {
    rows: documents.map((document, index) => {
      const inIndexes = indexes.map((name) => valueIn(document, name))
      return sampleRow('rows@1', `k${String(index).padStart(3, '0')}`, inIndexes, JSON.stringify(document))
    }),
  })
  const expressions = store.sqlExpressions
  assert.ok(expressions !== undefined, 'a store with SQL has sqlExpressions')
  const rows: Asked['rows'] = async (text, parameters = []) =>
    (await store.sql(text, parameters)).map((row) => ({ ...row }))
  return {
    store,
    table: store.tableIdentifier('rows@1'),
    field: (path, type, more = {}) => expressions.field({ table: 'rows@1', path, type, ...more }),
    time: (time, unit) => expressions.time(time, unit),
    rows,
    first: async (text, parameters) => (await rows(text, parameters))[0] ?? {},
  }
}

const types: readonly SqlType[] = ['text', 'number', 'integer', 'boolean']

/** Tests of `sqlExpressions`, and of what SQL has in common. */
export const sqlExpressionTests = [
  ...types.map((type) =>
    sqlTest(
      `a field of type ${type} is its value; NULL where it is missing, null or of another type`,
      async (place) => {
        const { table, field, rows } = await openWith(
          place,
          values.map((value) => ({ value, in: { side: [0, { value }] } })),
        )
        const paths: DocumentField['path'][] = [['value'], ['in', 'side', 1, 'value']]
        for (const path of paths) {
          const found = await rows(`SELECT ${field(path, type)} AS value FROM ${table} ORDER BY key`)
          assert.deepEqual(
            found.map(({ value }) => value),
            values.map((value) => wanted(value, type)),
            path.join('/'),
          )
        }
      },
    ),
  ),
  ...(['text', 'number', 'boolean'] as const).map((type) =>
    sqlTest(`a field of type ${type} that has a column of its own is the same`, async (place) => {
      const fitting = [...values.filter(fits[type]), null, undefined]
      const { table, field, rows } = await openWith(
        place,
        fitting.map((value) => ({ value, other: 1 })),
        { value: type },
      )
      const asked: readonly SqlType[] = type === 'number' ? ['number', 'integer'] : [type]
      for (const each of asked) {
        const expression = field(['value'], each, { columnType: type })
        assert.deepEqual(
          (await rows(`SELECT ${expression} AS value FROM ${table} ORDER BY key`)).map(({ value }) => value),
          fitting.map((value) => wanted(value, each)),
          each,
        )
        const half = field(['other'], each === 'text' || each === 'boolean' ? 'integer' : each)
        const [first] = await rows(`SELECT count(${expression}) AS n, min(${half}) AS one FROM ${table}`)
        assert.deepEqual(first, { n: fitting.filter(fits[each]).length, one: 1 })
      }
    }),
  ),
  sqlTest('fields of any name are reached, and a name is never a part of the statement', async (place) => {
    const names = [
      'camelCase',
      'select',
      'with space',
      "it's",
      'dot.ted',
      '0',
      '[0]',
      '{a,b}',
      'ü',
      '$',
      '*',
      'null',
      'NULL',
      'a,b',
      '',
    ]
    const document = Object.fromEntries(names.map((name, index) => [name, { n: index }]))
    const { table, field, rows } = await openWith(place, [document, {}])
    for (const [index, name] of names.entries()) {
      const found = await rows(`SELECT ${field([name, 'n'], 'integer')} AS n FROM ${table} ORDER BY key`)
      assert.deepEqual(found, [{ n: index }, { n: null }], name)
    }
    assert.deepEqual(await rows(`SELECT ${field(["x'), 1, ('"], 'text')} AS n FROM ${table}`), [
      { n: null },
      { n: null },
    ])
  }),
  sqlTest('fields stand in WHERE, GROUP BY, ORDER BY, aggregates and joins', async (place) => {
    const documents = [
      { kind: 'b', cents: 250, paid: true },
      { kind: 'a', cents: 100, paid: false },
      { kind: 'B', cents: 3, paid: true },
      { kind: 'b', cents: 50, paid: null, other: 'k001' },
    ]
    const { table, field, rows } = await openWith(place, documents, { kind: 'text', cents: 'number' })
    const [kind, cents] = [
      field(['kind'], 'text', { columnType: 'text' }),
      field(['cents'], 'integer', { columnType: 'number' }),
    ]
    const paid = field(['paid'], 'boolean')
    assert.deepEqual(
      await rows(
        `SELECT ${kind} AS kind, count(*) AS n, sum(${cents}) AS cents, avg(${cents}) AS mean, max(${kind}) AS most
        FROM ${table} WHERE ${cents} > ? GROUP BY ${kind} ORDER BY ${kind} DESC`,
        [2],
      ),
      [
        { kind: 'b', n: 2, cents: 300, mean: 150, most: 'b' },
        { kind: 'a', n: 1, cents: 100, mean: 100, most: 'a' },
        { kind: 'B', n: 1, cents: 3, mean: 3, most: 'B' },
      ],
    )
    assert.deepEqual(await rows(`SELECT key FROM ${table} WHERE ${paid} ORDER BY key`), [
      { key: 'k000' },
      { key: 'k002' },
    ])
    assert.deepEqual(await rows(`SELECT key FROM ${table} WHERE ${paid} = ?`, [false]), [{ key: 'k001' }])
    const of = (alias: string, name: string) => field([name], 'text', { alias })
    assert.deepEqual(
      await rows(`SELECT ${of('firstOne', 'kind')} AS a, ${of('second', 'kind')} AS b FROM ${table} AS "firstOne" JOIN ${table} AS "second"
        ON "second".key = ${of('firstOne', 'other')}`),
      [{ a: 'b', b: 'a' }],
    )
  }),
  sqlTest(
    'an integer is divided as a whole number, a number is not, and sums of integers are exact or refused',
    async (place) => {
      const { table, field, first, store } = await openWith(place, [{ n: 7, more: 2 ** 53 - 1 }], { n: 'number' })
      for (const columnType of ['number', undefined] as const) {
        const [whole, number] = [field(['n'], 'integer', { columnType }), field(['n'], 'number', { columnType })]
        assert.deepEqual(
          await first(
            `SELECT ${whole} / 2 AS a, -${whole} / 2 AS b, ${whole} % 4 AS c, ${number} / 2 AS d, ${whole} / ? AS e, ${number} / ? AS f FROM ${table}`,
            [2, 2],
          ),
          { a: 3, b: -3, c: 3, d: 3.5, e: 3, f: 3.5 },
        )
      }
      const more = field(['more'], 'integer')
      const three = `(SELECT ${more} AS n FROM ${table} UNION ALL SELECT ${more} FROM ${table} UNION ALL SELECT ${more} FROM ${table}) AS three`
      await assert.rejects(async () => store.sql(`SELECT sum(n) AS n FROM ${three}`, []), { code: 'SQL_REFUSED' })
      assert.deepEqual(await first(`SELECT CAST(sum(n) AS TEXT) AS n FROM ${three}`), { n: '27021597764222973' })
      assert.deepEqual(await first(`SELECT sum(n / 1000000) AS n FROM ${three}`), { n: 3 * 9_007_199_254 })
    },
  ),
  sqlTest('a parameter has the type of its value, and true and false are returned as 1 and 0', async (place) => {
    const { first, table } = await openWith(place, [{}])
    const parameters = [5, 2.5, 'it?', true, false, null, 2 ** 40, -1]
    const names = parameters.map((_, index) => `? AS p${index}`).join(', ')
    assert.deepEqual(
      await first(
        `SELECT ${names}, 1 < 2 AS less, '?' AS mark /* ? */, 7 / ? AS whole, 7 / ? AS part FROM ${table} LIMIT ?`,
        [...parameters, 2, 2.5, 1],
      ),
      {
        ...{ p0: 5, p1: 2.5, p2: 'it?', p3: 1, p4: 0, p5: null, p6: 2 ** 40, p7: -1 },
        ...{ less: 1, mark: '?', whole: 3, part: 2.8 },
      },
    )
    assert.deepEqual(
      await first('SELECT substr(?, ?, 2) AS text, coalesce(?, ?) AS number, ? || ? AS both', [
        'abcd',
        2,
        null,
        3,
        'a',
        'b',
      ]),
      {
        text: 'bc',
        number: 3,
        both: 'ab',
      },
    )
  }),
  sqlTest('texts are sorted and compared by their UTF-8 bytes, and LIKE tells upper from lower case', async (place) => {
    const texts = ['a', 'B', 'b', 'A', 'é', 'e', 'Z', 'ab', '_', '\uff5e', '\u{1f600}', '10', '2']
    const { table, field, rows } = await openWith(
      place,
      texts.map((value) => ({ value, plain: value })),
      { value: 'text' },
    )
    for (const text of [field(['value'], 'text', { columnType: 'text' }), field(['plain'], 'text'), 'value']) {
      const found = await rows(`SELECT ${text} AS value FROM ${table} ORDER BY ${text}`)
      assert.deepEqual(
        found.map(({ value }) => value),
        [...texts].sort(byUtf8),
      )
      assert.deepEqual(await rows(`SELECT ${text} AS value FROM ${table} WHERE ${text} LIKE ? ORDER BY 1`, ['a%']), [
        { value: 'a' },
        { value: 'ab' },
      ])
      const [edges] = await rows(`SELECT min(${text}) AS a, max(${text}) AS b FROM ${table} WHERE ${text} > ?`, ['Z'])
      assert.deepEqual(edges, { a: '_', b: '\u{1f600}' })
      assert.deepEqual(await rows(`SELECT ${text} AS value FROM ${table} WHERE ${text} = ?`, ['A']), [{ value: 'A' }])
    }
  }),
  sqlTest('a time is written as the beginning of an ISO text in UTC', async (place) => {
    const times = [
      0,
      951_782_399_999,
      Date.UTC(2026, 10, 30, 22, 5, 59, 999),
      Date.UTC(1969, 11, 31, 23, 59, 59, 999),
      Date.UTC(9999, 11, 31),
      null,
    ]
    const { table, field, time, rows } = await openWith(
      place,
      times.map((at) => ({ at })),
    )
    const lengths: Readonly<Record<TimeUnit, number>> = { year: 4, month: 7, day: 10, hour: 13, minute: 16 }
    for (const [unit, length] of Object.entries(lengths) as [TimeUnit, number][]) {
      for (const type of ['integer', 'number'] as const) {
        const found = await rows(
          `SELECT ${time(field(['at'], type), unit)} AS at, count(*) AS n FROM ${table} GROUP BY key, ${time(field(['at'], type), unit)} ORDER BY key`,
        )
        assert.deepEqual(
          found.map(({ at }) => at),
          times.map((at) => (at === null ? null : new Date(at).toISOString().slice(0, length))),
          unit,
        )
      }
    }
  }),
]
