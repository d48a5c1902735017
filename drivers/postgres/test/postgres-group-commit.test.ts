// Commits that are called at the same time share a statement. Each of them still succeeds or fails by itself, as if one came after the other.

import { expect, test } from 'vitest'
import { takeGroup, touchesOf, type Waiting } from '../src/store/postgres-queue.ts'
import { openEngine } from './postgres-engine.ts'
import { append, event, put, unit } from './postgres-units.ts'

async function openStore() {
  const engine = await openEngine()
  const store = await engine.openStore('orders')
  await store.ensureTable({ name: 'orders', indexes: [] })
  return store
}

const ignore = () => {}
const waiting = (parts: Parameters<typeof unit>[0]): Waiting => {
  const own = unit(parts)
  return { unit: own, resolve: ignore, reject: ignore, ...touchesOf(own) }
}
const check = (key: string) => ({ checks: [{ table: 'orders', key, revision: 0 }] })
const limits = { unitsMax: 256, bytesMax: 1_000_000 }

test('a unit sees what a unit before it has written, although both were called at once', async () => {
  const store = await openStore()
  const [first, second, third] = await Promise.all([
    store.commit(put('orders', 'a', {})),
    store.commit({ ...put('orders', 'b', {}), ...check('a'), events: [event('lost')] }),
    store.commit(unit({ appends: [append('o1', 0, 1)] })),
  ])
  expect(first.committed && third.committed).toBe(true)
  expect(second).toEqual({ committed: false, conflicts: [{ kind: 'row', table: 'orders', key: 'a' }] })
  expect(await store.get('orders', 'b')).toBeUndefined()
})

test('a history of facts that a unit before it makes longer does not end where the unit says', async () => {
  const store = await openStore()
  const [, second] = await Promise.all([
    store.commit(unit({ appends: [append('o1', 0, 2)] })),
    store.commit(unit({ factsHead: '' })),
  ])
  expect(second).toMatchObject({ committed: false, conflicts: [{ kind: 'facts-head', actual: '0000000000000002' }] })
})

test('what touches nothing in common shares a group; the rest waits, in its order, and nothing overtakes it', () => {
  const writes = waiting(put('orders', 'a', {}))
  const reads = waiting({ ...put('orders', 'b', {}), ...check('a') })
  const after = waiting(put('orders', 'b', {}))
  const other = waiting({ appends: [append('o1', 0, 1)] })
  const queue = [writes, reads, after, other]
  expect(takeGroup(queue, limits)).toEqual([writes, other])
  expect(takeGroup(queue, limits)).toEqual([reads])
  expect(takeGroup(queue, limits)).toEqual([after])
})

test('a group has at most so many units, and so many characters unless one unit alone has more', () => {
  const large = (key: string) => waiting(put('orders', key, 'x'.repeat(600)))
  const [a, b, c] = [large('a'), large('b'), large('c')]
  expect(takeGroup([a, b, c], { unitsMax: 2, bytesMax: 1_000_000 })).toEqual([a, b])
  const queue = [a, b]
  expect(takeGroup(queue, { unitsMax: 256, bytesMax: 500 })).toEqual([a])
  expect(queue).toEqual([b])
})
