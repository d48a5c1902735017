// Commits that are called at the same time share a transaction. Each of them still succeeds or fails by itself.

import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { CommitResult, CommitUnit } from 'tidings/ports'
import { expect, test, vi } from 'vitest'
import { openConnection, prepare } from '../src/database/sqlite-connection.ts'
import { resultCode } from '../src/database/sqlite-errors.ts'
import { openGroupCommit } from '../src/store/sqlite-group-commit.ts'
import type { SqliteStore } from '../src/store/sqlite-store.ts'
import { append, event, publish, put, unit } from './processes/units.ts'
import { openEngine, temporaryFolder, testEnvironment } from './test-engine.ts'

async function openStore(directory = temporaryFolder(), groupUnitsMax = 256): Promise<SqliteStore> {
  const engine = await openEngine(directory, { groupUnitsMax })
  const store = (await engine.openStore('orders')) as SqliteStore
  await store.ensureTable({ name: 'orders', indexes: [] })
  return store
}

test('Concurrency: what is called at once is one transaction, in the order of the calls', async () => {
  const engine = await openEngine(temporaryFolder())
  const store = await engine.openStore('orders')
  const wake = vi.fn()
  engine.broker.watch('orders', wake)
  const results = await Promise.all(['a', 'b', 'c'].map((id) => store.commit(publish(event(id)))))
  const heads = results.map((result) => result.committed && result.eventLogHead)
  expect(heads).toEqual(['0000000000000001', '0000000000000002', '0000000000000003'])
  // One wake-up for each transaction that published something.
  expect(wake).toHaveBeenCalledTimes(1)
})

test('Concurrency: a unit with conflicts has no effect and the others of its group go on', async () => {
  const store = await openStore()
  const [first, second, third, fourth] = await Promise.all([
    store.commit(put('orders', 'a', { at: 1 })),
    // Sees the row of the unit before it.
    store.commit({
      ...put('orders', 'a', { at: 2 }),
      checks: [{ table: 'orders', key: 'a', revision: 0 }],
      events: [event('lost')],
    }),
    store.commit(unit({ appends: [append('o1', 0, 2)] })),
    store.commit(unit({ appends: [append('o1', 0, 1)], factsHead: '' })),
  ])
  expect(first.committed).toBe(true)
  expect(second).toEqual({ committed: false, conflicts: [{ kind: 'row', table: 'orders', key: 'a' }] })
  expect(third.committed).toBe(true)
  expect(fourth).toEqual({
    committed: false,
    conflicts: [
      { kind: 'stream', category: 'order', stream: 'o1', expected: 0, actual: 2 },
      { kind: 'facts-head', expected: '', actual: '0000000000000002' },
    ],
  })
  expect((await store.get('orders', 'a'))?.json).toBe('{"at":1}')
  expect((await store.readEventLog({ after: '', limit: 9 })).events).toEqual([])
})

test('Concurrency: a unit that cannot be written is alone in failing, and numbers go on without a gap', async () => {
  const store = await openStore()
  const results = await Promise.allSettled([
    store.commit(publish(event('a'))),
    store.commit({ ...put('no-such-table', 'x', {}), events: [event('never')] }),
    store.commit({ ...put('orders', 'b', {}), events: [event('b')] }),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(results[1]).toMatchObject({ reason: { code: 'INVARIANT' } })
  const { events } = await store.readEventLog({ after: '', limit: 9 })
  expect(events.map(({ id, position }) => [id, position])).toEqual([
    ['a', '0000000000000001'],
    ['b', '0000000000000002'],
  ])
})

test('Concurrency: who writes from outside comes before a commit or after it, never in between [trap: busy-snapshot]', async () => {
  const file = path.join(temporaryFolder(), 'any.db')
  const [database, other] = [1, 2].map(() => openConnection(file, { durability: 'process-crash' })) as [
    DatabaseSync,
    DatabaseSync,
  ]
  database.exec('CREATE TABLE rows (id INTEGER)')
  const count = prepare(database, 'SELECT count(*) FROM rows')
  let refused: unknown
  const group = openGroupCommit({
    database,
    path: 'orders.db',
    timeouts: testEnvironment().timeouts,
    groupUnitsMax: 9,
    // What is written depends on what was read, so no other connection may write in between.
    apply: () => {
      const before = Number(count.get()?.[0])
      try {
        other.exec('INSERT INTO rows VALUES (7)')
      } catch (error) {
        refused = error
      }
      database.exec(`INSERT INTO rows VALUES (${before})`)
      return { committed: true, revision: 1, eventLogHead: '', factsHead: '' }
    },
    beforeBegin: () => undefined,
    beforeCommit: () => undefined,
    checkFiles: () => undefined,
    rolledBack: () => undefined,
    committed: () => undefined,
  })
  await expect(group.commit(unit({}))).resolves.toMatchObject({ committed: true })
  expect(refused).toMatchObject({ errcode: resultCode.busy })
  other.exec('INSERT INTO rows VALUES (7)')
  expect(prepare(database, 'SELECT id FROM rows').all()).toEqual([[0], [7]])
  for (const each of [other, database]) each.close()
})

test('P11: a group is bounded, and all of a long queue is committed', async () => {
  const store = await openStore(temporaryFolder(), 3)
  const results = await Promise.all(Array.from({ length: 20 }, (_, index) => store.commit(publish(event(`e${index}`)))))
  expect(results.every(({ committed }) => committed)).toBe(true)
  expect((await store.readEventLog({ after: '', limit: 99 })).events).toHaveLength(20)
})

test('Close: waits for what was called before, and refuses what comes after', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  const under = store.commit(publish(event('a')))
  const closing = store.close()
  await expect(store.commit(publish(event('b')))).rejects.toMatchObject({ code: 'CLOSED' })
  expect(() => store.get('orders', 'a')).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  await closing
  await store.close()
  expect((await under).committed).toBe(true)
  expect((await (await openStore(folder)).readEventLog({ after: '', limit: 9 })).events).toHaveLength(1)
})

test('Failure: revisions grow on, also after a rollback and a reopening', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  await Promise.allSettled([store.commit(put('orders', 'a', {})), store.commit(put('no-such-table', 'a', {}))])
  const first = (await store.get('orders', 'a'))?.revision ?? 0
  await store.close()
  const again = await openStore(folder)
  await again.commit(put('orders', 'a', {}))
  expect((await again.get('orders', 'a'))?.revision).toBeGreaterThan(first)
})

test('Failure: a commit whose end is unclear says so to each of its group, and leaves nothing behind', async () => {
  const database = openConnection(path.join(temporaryFolder(), 'any.db'), { durability: 'process-crash' })
  // A constraint that SQLite checks only at COMMIT makes COMMIT fail.
  database.exec(`PRAGMA foreign_keys = ON; CREATE TABLE a (id INTEGER PRIMARY KEY);
    CREATE TABLE b (a INTEGER REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)`)
  const insert = prepare(database, 'INSERT INTO b VALUES (1)')
  const [rolledBack, committed] = [vi.fn(), vi.fn()]
  const apply = (_unit: CommitUnit): CommitResult => {
    insert.run()
    return { committed: true, revision: 1, eventLogHead: '', factsHead: '' }
  }
  const { timeouts } = testEnvironment()
  const group = openGroupCommit({
    database,
    path: 'orders.db',
    timeouts,
    groupUnitsMax: 9,
    apply,
    beforeBegin: () => undefined,
    beforeCommit: () => undefined,
    checkFiles: () => undefined,
    rolledBack,
    committed,
  })
  const outcomes = await Promise.allSettled([group.commit(unit({})), group.commit(unit({}))])
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ reason: { code: 'STORE_UNAVAILABLE', details: { ambiguous: true } } })
  expect([rolledBack.mock.calls.length, committed.mock.calls.length, database.isTransaction]).toEqual([1, 0, false])
  expect(prepare(database, 'SELECT count(*) FROM b').get()).toEqual([0])
  database.close()
})

test('Failure: a full disk is unavailable, takes nothing, and goes on when there is room', async () => {
  const store = await openStore()
  await store.commit(put('orders', 'first', {}))
  const pages = Number(prepare(store.database, 'PRAGMA page_count').get()?.[0])
  store.database.exec(`PRAGMA max_page_count = ${pages + 1}`)
  const large = { note: 'x'.repeat(100_000) }
  const [small, failing] = await Promise.allSettled([
    store.commit(put('orders', 'small', {})),
    store.commit(put('orders', 'large', large)),
  ])
  expect(small.status).toBe('fulfilled')
  expect(failing).toMatchObject({
    reason: { code: 'STORE_UNAVAILABLE', retry: 'unavailable', details: { sqliteCode: 13 } },
  })
  expect(await store.get('orders', 'large')).toBeUndefined()
  store.database.exec('PRAGMA max_page_count = 1000000')
  expect((await store.commit(put('orders', 'large', large))).committed).toBe(true)
})
