// The broker reads publishers' files before they exist, while they are written, and after they were replaced.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startChild } from './processes/child.ts'
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

test('P2: a reader hears of a file that was written over in its place, with its write-ahead log removed', async () => {
  const folder = temporaryFolder()
  const reading = await openEngine(folder)
  // Each writer is a process of its own, as whoever writes over the file would be.
  const publishIn = async (...ids: readonly string[]) => {
    const child = await startChild('writer.ts', folder, 'orders')
    for (const id of ids) await child.ask(id)
    await child.kill()
  }
  const file = path.join(folder, 'orders.db')
  await publishIn('a')
  const writing = await openEngine(folder)
  await (await writing.openStore('orders')).close()
  const older = readFileSync(file)
  await publishIn('b')
  const { next, edges } = await reading.broker.read('orders', { ...all, edges: true })
  expect(edges).toEqual({ after: '', next: 'b' })
  writeFileSync(file, older)
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
  await publishIn('x', 'y')
  const page = await reading.broker.read('orders', { after: next, limit: 10, edges: true })
  expect([page.edges, page.events.map(({ id }) => id)]).toEqual([{ after: 'x', next: 'y' }, ['y']])
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
