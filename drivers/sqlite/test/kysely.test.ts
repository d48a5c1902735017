// A query builder can write the SQL of a read model: kysely compiles it, the store runs it.

import { DummyDriver, Kysely, sql as raw, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { expect, test } from 'vitest'
import { put } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

interface Months {
  readonly months: { readonly key: string; readonly cents: number }
}

const builder = new Kysely<Months>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

test('SQL that kysely has compiled runs unchanged, with its parameters bound', async () => {
  const engine = await openEngine(temporaryFolder())
  const store = await engine.openStore('insights')
  await store.ensureTable({ name: 'months@1', indexes: ['cents'] })
  for (const cents of [100, 250, 400]) await store.commit(put('months@1', `2017-${cents}`, { cents }, [cents]))

  const table = raw.raw(store.tableIdentifier('months@1')) as ReturnType<typeof raw.raw<Months['months']>>
  const query = builder
    .selectFrom(table.as('m'))
    .select((expression) => ['m.key', expression.fn.sum<number>('m.cents').over().as('total')])
    .where('m.cents', '>', 100)
    .orderBy('m.key', 'desc')
    .compile()
  expect(await store.sql(query.sql, query.parameters as number[])).toEqual([
    { key: '2017-400', total: 650 },
    { key: '2017-250', total: 650 },
  ])
})
