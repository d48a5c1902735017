// Rows and streams that were read lately are kept in memory: what is read, and what a commit is checked against, is what the file has.

import type { Store } from 'tidings/ports'
import { expect, test } from 'vitest'
import { append, event, put, unit } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

async function openStore(directory = temporaryFolder()): Promise<Store> {
  const store = await (await openEngine(directory)).openStore('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  return store
}

/** The revision and the document of a row. */
const read = async (store: Store, key: string) => {
  const row = await store.get('orders', key)
  return row === undefined ? undefined : [row.revision, JSON.parse(row.json)]
}

const revisionOf = async (store: Store, key: string) => (await store.get('orders', key))?.revision ?? 0

const checked = (key: string, revision: number, document: unknown) => ({
  ...put('orders', key, document),
  checks: [{ table: 'orders', key, revision }],
})

const refused = event('refused', { version: null as unknown as number })

test('a row that was read is read as it was written last: changed, removed, written again', async () => {
  const store = await openStore()
  expect(await read(store, 'a')).toBeUndefined()
  await store.commit(put('orders', 'a', 1))
  expect(await read(store, 'a')).toEqual([1, 1])
  await store.commit(put('orders', 'a', 2))
  expect(await read(store, 'a')).toEqual([2, 2])
  await store.commit(unit({ rows: [{ table: 'orders', key: 'a', row: null }] }))
  expect(await read(store, 'a')).toBeUndefined()
  await store.commit(put('orders', 'a', 'x'.repeat(10_000)))
  expect(await read(store, 'a')).toEqual([4, 'x'.repeat(10_000)])
  await store.commit(put('orders', 'a', 5))
  expect(await read(store, 'a')).toEqual([5, 5])
})

test('a commit that was rolled back leaves nothing in the rows that were read lately', async () => {
  const store = await openStore()
  await store.commit(put('orders', 'a', 'kept'))
  const revision = await revisionOf(store, 'a')
  const bad = unit({ ...put('orders', 'a', 'undone'), events: [refused] })
  await expect(store.commit(bad)).rejects.toThrow()
  expect(await read(store, 'a')).toEqual([revision, 'kept'])
  expect(await store.commit(checked('a', revision, 'next'))).toMatchObject({ committed: true })
})

test('of two commits at once that have read the same row, one is a conflict, whether the row was read lately or not', async () => {
  const store = await openStore()
  for (const key of ['read', 'not-read']) {
    if (key === 'read') expect(await read(store, key)).toBeUndefined()
    const outcomes = await Promise.all([1, 2].map((value) => store.commit(checked(key, 0, value))))
    expect(outcomes.map(({ committed }) => committed)).toEqual([true, false])
    expect(await read(store, key)).toEqual([expect.any(Number), 1])
  }
})

test('a table that is removed and made again has none of the rows of before', async () => {
  const store = await openStore()
  await store.commit(put('orders', 'a', 1))
  expect(await read(store, 'a')).toEqual([1, 1])
  await store.dropTable('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  expect(await read(store, 'a')).toBeUndefined()
  expect(await store.commit(checked('a', 0, 2))).toMatchObject({ committed: true })
})

test('more rows than are kept are each read as they are', async () => {
  const store = await openStore()
  const keys = Array.from({ length: 10_000 }, (_, number) => `k${number}`)
  const rows = (round: number) => keys.flatMap((key) => put('orders', key, `${key}/${round}`).rows)
  for (const round of [1, 2]) {
    await store.commit(unit({ rows: rows(round) }))
    const found = await store.getMany('orders', keys)
    expect(found.map((row) => JSON.parse(row?.json ?? 'null'))).toEqual(keys.map((key) => `${key}/${round}`))
  }
})

test('a stream has the version that was committed last, also after an append that was rolled back', async () => {
  const directory = temporaryFolder()
  const store = await openStore(directory)
  const appended = (stream: string, version: number, count = 1) => unit({ appends: [append(stream, version, count)] })
  expect(await store.streamVersion('order', 'a')).toBe(0)
  await expect(store.commit(unit({ appends: [append('a', 0, 2)], events: [refused] }))).rejects.toThrow()
  expect(await store.streamVersion('order', 'a')).toBe(0)
  // The number that the stream was to have goes to another one.
  expect(await store.commit(appended('b', 0))).toMatchObject({ committed: true })
  expect(await store.commit(appended('a', 0, 3))).toMatchObject({ committed: true })
  expect(await store.commit(appended('a', 0))).toMatchObject({ committed: false })
  expect(await store.commit(appended('a', 3))).toMatchObject({ committed: true })
  await expect(store.commit(unit({ appends: [append('a', 4, 1)], events: [refused] }))).rejects.toThrow()
  expect(await store.streamVersion('order', 'a')).toBe(4)
  expect((await store.readStream('order', 'b', 0, 9)).length).toBe(1)
  await store.renameCategory('order', 'sale')
  expect([await store.streamVersion('order', 'a'), await store.streamVersion('sale', 'a')]).toEqual([0, 4])
})

test('streams beyond those whose state is remembered are appended to as they are', async () => {
  const store = await openStore()
  const streams = Array.from({ length: 9_000 }, (_, number) => `s${number}`)
  for (const version of [0, 1]) {
    const appends = streams.map((stream) => append(stream, version, 1))
    expect(await store.commit(unit({ appends }))).toMatchObject({ committed: true })
  }
  expect(await store.streamVersion('order', 's8999')).toBe(2)
  expect(await store.streamVersion('order', 's0')).toBe(2)
})
