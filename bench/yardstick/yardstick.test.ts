// The yardstick does the whole work: expected versions are checked, calls of a group fail separately, and each order has its effect once.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder, removeFolder } from '../harness/folders.ts'
import { makeOrder } from '../orders.ts'
import { openGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'
import { rebuildByCustomer } from './projection.ts'
import { openPublisher } from './publisher.ts'
import { openStreams } from './streams.ts'
import { openSubscriber } from './subscriber.ts'

let folder = ''
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => removeFolder(folder))

test('an order is about 300 bytes', () => {
  const { length } = JSON.stringify(makeOrder(12_345))
  expect(length).toBeGreaterThan(280)
  expect(length).toBeLessThan(340)
})

test('the database runs with the requested durability', () => {
  for (const [durability, level] of [
    ['power-loss', 2],
    ['process-crash', 1],
  ] as const) {
    const { sqlite } = openDatabase(folder, durability, durability)
    expect(sqlite.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: level })
    sqlite.close()
  }
})

test('only the append at the wrong version fails; the others of its group are committed', async () => {
  const database = openDatabase(folder, 'orders', 'power-loss')
  const streams = openStreams(database)
  const together = openGroupCommit(database)
  const append = (version: number) => together(() => streams.append('order-1', version, makeOrder(version, 'order-1')))
  const outcomes = await Promise.allSettled([append(0), append(0), append(1), append(5)])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  expect(streams.read('order-1')).toHaveLength(2)
  database.sqlite.close()
})

test('a rebuild counts every event once, also the second time', async () => {
  const database = openDatabase(folder, 'orders', 'process-crash')
  const streams = openStreams(database)
  database.transaction(() => {
    for (let number = 0; number < 2_500; number++) streams.append(`order-${number}`, 0, makeOrder(number))
  })
  await rebuildByCustomer(database)
  expect(await rebuildByCustomer(database)).toBe(2_500)
  expect(database.sqlite.prepare('SELECT sum(orders) AS orders, count(*) AS rows FROM by_customer').get()).toEqual({
    orders: 2_500,
    rows: 1_000,
  })
  database.sqlite.close()
})

test('each order is handled once: one parcel, one event, and the checkpoint moves', async () => {
  const place = { folder, durability: 'process-crash' } as const
  let handled = 0
  const publisher = openPublisher(place, () => subscriber.wake())
  const done = Promise.withResolvers<void>()
  const subscriber = openSubscriber(place, 7, () => {
    handled += 1
    if (handled === 50) setImmediate(done.resolve)
  })
  await Promise.all(Array.from({ length: 50 }, (_, number) => publisher.placeOrder(makeOrder(number))))
  await expect(publisher.placeOrder({ orderId: '' })).rejects.toThrow()
  await done.promise
  subscriber.close()
  publisher.close()
  const { sqlite } = openDatabase(folder, 'shipping', 'process-crash')
  const counts = `SELECT (SELECT count(*) FROM parcels) AS parcels, (SELECT count(*) FROM outbox) AS events,
    (SELECT position FROM checkpoints) AS position`
  expect(sqlite.prepare(counts).get()).toEqual({ parcels: 50, events: 50, position: 50 })
  sqlite.close()
})
