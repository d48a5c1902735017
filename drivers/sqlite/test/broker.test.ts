// The broker reads publishers' files before they exist, while they are written, and after they were replaced.

import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { event, publish } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

const all = { after: '', limit: 10 }

test('a source without a file is an empty page without an epoch, and is read as soon as there is one', async () => {
  const folder = temporaryFolder()
  const [writing, reading] = [await openEngine(folder), await openEngine(folder)]
  expect(await reading.broker.read('orders', all)).toEqual({ epoch: undefined, events: [], next: '', head: '' })
  expect(await reading.broker.earlierEpochs('orders')).toEqual([])
  writeFileSync(path.join(folder, 'orders.db'), '')
  expect((await reading.broker.read('orders', all)).epoch).toBeUndefined()
  const store = await writing.openStore('orders')
  expect(await reading.broker.read('orders', all)).toEqual({ epoch: store.epoch, events: [], next: '', head: '' })
  await store.commit(publish(event('a'), event('b')))
  const fromFile = await reading.broker.read('orders', all)
  expect(fromFile).toEqual(await writing.broker.read('orders', all))
  expect(fromFile.events.map(({ id, source }) => [id, source])).toEqual([
    ['a', 'orders'],
    ['b', 'orders'],
  ])
})

test('P2: a publisher that was deleted and created again is known by its epoch', async () => {
  const folder = temporaryFolder()
  const [writing, reading] = [await openEngine(folder), await openEngine(folder)]
  const old = await writing.openStore('orders')
  await old.commit(publish(event('a'), event('b')))
  const { epoch, next } = await reading.broker.read('orders', all)
  await old.close()
  for (const suffix of ['', '-wal', '-shm']) rmSync(path.join(folder, `orders.db${suffix}`), { force: true })
  expect((await reading.broker.read('orders', { after: next, limit: 10 })).epoch).toBeUndefined()
  const recreated = await writing.openStore('orders')
  await recreated.commit(publish(event('c')))
  const page = await reading.broker.read('orders', { after: next, limit: 10 })
  expect([page.epoch === epoch, page.epoch === recreated.epoch, page.events]).toEqual([false, true, []])
})

test('Close: every call is refused afterwards, and nothing is relayed before', async () => {
  const { broker } = await openEngine(temporaryFolder())
  const batch = { source: 'orders', epoch: 'e', earlierEpochs: [], events: [] }
  expect(() => broker.publish(batch)).toThrow(expect.objectContaining({ code: 'INVARIANT' }))
  expect(() => broker.published('orders')).toThrow(expect.objectContaining({ code: 'INVARIANT' }))
  await broker.close()
  await broker.close()
  expect(() => broker.read('orders', all)).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  expect(() => broker.watch('orders', () => undefined)).toThrow(expect.objectContaining({ code: 'CLOSED' }))
})
