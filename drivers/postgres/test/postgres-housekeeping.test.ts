// What a store forgets: answers that their callers have, and changes that are no longer kept, also while somebody reads for long.

import pg from 'pg'
import type { Store } from 'tidings/ports'
import { expect, onTestFinished, test, vi } from 'vitest'
import { quoted } from '../src/database/postgres-names.ts'
import { placeOf } from '../src/database/postgres-schema.ts'
import { Housekeeping } from '../src/store/postgres-housekeeping.ts'
import { openEngine, temporaryPrefix } from './postgres-engine.ts'
import { runSql, testUrl } from './postgres-under-test.ts'

async function countOf(schemaPrefix: string, table: string): Promise<number> {
  const [found] = await runSql(`SELECT count(*)::int AS count FROM ${quoted(`${schemaPrefix}alpha`)}.${table}`)
  return found?.count as number
}

const write = (store: Store, key: string) => {
  const row = { schemaVersion: 1, json: '{}', columns: [] }
  return store.commit({ checks: [], rows: [{ table: 'rows', key, row }], appends: [], events: [] })
}

test('P11: answers and changes are forgotten while a reader is open, the last answer is kept, and a late reader is told', async () => {
  const schemaPrefix = temporaryPrefix()
  const engine = await openEngine({ schemaPrefix })
  const store = await engine.openStore('alpha')
  await store.ensureTable({ name: 'rows', indexes: [] })
  await store.noteChanges?.({ tables: ['rows'], countMax: 10 })
  const start = await store.readChanges?.({ after: undefined, limit: 1 })
  const reader = new pg.Client({ connectionString: testUrl() })
  await reader.connect()
  onTestFinished(() => reader.end())
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1')
  for (let number = 0; number < 1_200; number++) await write(store, `key-${number % 7}`)
  await vi.waitFor(async () => {
    expect(await countOf(schemaPrefix, 'tidings_groups')).toBeLessThan(600)
    expect(await countOf(schemaPrefix, 'tidings_changes')).toBeLessThan(600)
  }, 10_000)
  expect(await countOf(schemaPrefix, 'tidings_groups')).toBeGreaterThan(0)
  expect(await store.readChanges?.({ after: start?.next, limit: 10 })).toMatchObject({ isComplete: false, changes: [] })
  await engine.close()
  expect([await countOf(schemaPrefix, 'tidings_groups'), await countOf(schemaPrefix, 'tidings_runs')]).toEqual([0, 0])
}, 60_000)

test('rounds begin after many writes, go on where the last one ended, and move the terms of new events into the index', async () => {
  const statements: { readonly text: string; readonly values: readonly unknown[] }[] = []
  const query = async (text: string, values: readonly unknown[]) => {
    statements.push({ text, values })
    return []
  }
  const housekeeping = new Housekeeping({ query, place: placeOf('t_', 'alpha'), run: 'run' })
  const rows = Array.from({ length: 1_000 }, (_, number) => ({ table: 'rows', key: `${number}`, row: null }))
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  for (let number = 1; number <= 10; number++) {
    housekeeping.committed([{ checks: [], rows, appends: [], events: [] }], number)
    await settled()
  }
  const forgotten = statements.filter(({ text }) => text.includes('tidings_groups')).map(({ values }) => values)
  expect(forgotten).toEqual([
    ['run', 0, 5],
    ['run', 4, 10],
  ])
  expect(statements.filter(({ text }) => text.includes('gin_clean_pending_list')).length).toBe(2)
})
