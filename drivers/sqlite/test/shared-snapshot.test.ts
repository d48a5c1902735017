// The reads between two commits share one snapshot: nobody sees an old state through it, and it holds nothing up.

import path from 'node:path'
import { expect, test } from 'vitest'
import { openConnection, prepare } from '../src/database/sqlite-connection.ts'
import { event, publish, put } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

test('what was committed is read at once, also after an earlier read, and by another engine', async () => {
  const folder = temporaryFolder()
  const [writing, reading] = [await openEngine(folder), await openEngine(folder)]
  const store = await writing.openStore('orders')
  await store.ensureTable({ name: 'parcels', indexes: ['state'] })
  for (const [index, state] of ['new', 'sent', 'sent', 'lost'].entries()) {
    expect((await store.get('parcels', 'a'))?.json).toBe(index === 0 ? undefined : JSON.stringify({ index: index - 1 }))
    expect((await store.readEventLog({ after: '', limit: 10 })).events).toHaveLength(index)
    const { rows } = put('parcels', 'a', { index }, [state])
    await store.commit({ ...publish(event(`e${index}`)), rows })
    const found = await store.find({ table: 'parcels', index: { column: 'state', equals: state }, limit: 10 })
    expect(found.map(({ json }) => json)).toEqual([JSON.stringify({ index })])
    expect((await reading.broker.read('orders', { after: '', limit: 10 })).events).toHaveLength(index + 1)
  }
  expect(await store.find({ table: 'parcels', index: { column: 'state', equals: 'sent' }, limit: 10 })).toEqual([])
  await store.ensureTable({ name: 'parcels', indexes: [] })
  await store.renameCategory('order', 'orders')
  expect((await store.get('parcels', 'a'))?.json).toBe(JSON.stringify({ index: 3 }))
  await store.dropTable('parcels')
  expect(store.tableNames()).toEqual([])
})

test('P11: a store that has read and now rests holds no checkpoint back, and its log begins anew [trap: stuck-reader]', async () => {
  const folder = temporaryFolder()
  const engine = await openEngine(folder, { checkpointPages: 0 })
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'parcels', indexes: [] })
  await store.commit(put('parcels', 'a', { note: 'x'.repeat(100_000) }))
  await store.get('parcels', 'a')
  const other = openConnection(path.join(folder, 'orders.db'), { durability: 'process-crash', mustExist: true })
  const pages = (pragma: string) => (prepare(other, `PRAGMA wal_checkpoint(${pragma})`).get() ?? []).map(Number)
  const [, all = 0, moved] = pages('PASSIVE')
  expect(all).toBeGreaterThan(20)
  expect(moved).toBe(all)
  await store.commit(put('parcels', 'b', {}))
  const [, since = 0] = pages('NOOP')
  expect(since).toBeGreaterThan(0)
  expect(since).toBeLessThan(10)
  other.close()
})
