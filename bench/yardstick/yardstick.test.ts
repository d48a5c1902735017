// The yardstick does the whole work: it validates what it writes, checks expected versions, finds events, and checkpoints in a thread; calls of
// a group fail separately, and each order has its effect once.

import { statSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Counter } from '../harness/counter.ts'
import { makeFolder, removeFolder } from '../harness/folders.ts'
import { emptyTotal, makeOrder, type OrderPlaced } from '../orders.ts'
import { openGroupCommit } from './group-commit.ts'
import { openDatabase } from './open-database.ts'
import { openOutbox } from './outbox.ts'
import { rebuildByCustomer } from './projection.ts'
import { openPublisher, orderPlaced } from './publisher.ts'
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
    const { sqlite, close } = openDatabase(folder, durability, durability)
    expect(sqlite.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: level })
    close()
  }
})

test('committed pages reach the database without a commit that waits for it', async () => {
  const { sqlite, transaction, close } = openDatabase(folder, 'pages', 'process-crash')
  sqlite.exec('CREATE TABLE pages (number INTEGER PRIMARY KEY, text TEXT NOT NULL)')
  const insert = sqlite.prepare('INSERT INTO pages (text) VALUES (?)')
  const file = path.join(folder, 'pages.sqlite')
  for (let number = 0; number < 60; number++) transaction(() => insert.run('x'.repeat(5_000)))
  expect(statSync(file).size, 'no commit moves its pages').toBeLessThan(100_000)
  await vi.waitFor(() => expect(statSync(file).size).toBeGreaterThan(300_000), { timeout: 15_000 })
  close()
})

test('only the append at the wrong version fails; the others of its group are committed', async () => {
  const database = openDatabase(folder, 'orders', 'power-loss')
  const streams = openStreams(database)
  const together = openGroupCommit(database)
  const append = (version: number) => together(() => streams.append('order-1', version, makeOrder(version, 'order-1')))
  const outcomes = await Promise.allSettled([append(0), append(0), append(1), append(5)])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  expect(streams.fold('order-1')).toEqual({ count: 2, cents: 2_001, lastMonth: '2017-02' })
  expect(streams.fold('order-2')).toEqual(emptyTotal)
  database.close()
})

test('a fold refuses an event of a version that it does not know', () => {
  const database = openDatabase(folder, 'orders', 'process-crash')
  const streams = openStreams(database)
  streams.append('order-1', 0, makeOrder(1))
  database.sqlite.exec('UPDATE events SET version = 2')
  expect(() => streams.fold('order-1')).toThrow('order-placed of version 2 is not known')
  database.close()
})

test('a rebuild counts every event once, also the second time', async () => {
  const database = openDatabase(folder, 'orders', 'process-crash')
  const streams = openStreams(database)
  let cents = 0
  database.transaction(() => {
    for (let number = 0; number < 2_500; number++) {
      const order = makeOrder(number)
      streams.append(`order-${number}`, 0, order)
      cents += order.cents
    }
  })
  await rebuildByCustomer(database)
  expect(await rebuildByCustomer(database)).toBe(2_500)
  const sums = 'SELECT sum(orders) AS orders, sum(cents) AS cents, count(*) AS rows FROM by_customer'
  expect(database.sqlite.prepare(sums).get()).toEqual({ orders: 2_500, cents, rows: 1_000 })
  database.close()
})

test('a rebuild refuses a row that is not valid', async () => {
  const database = openDatabase(folder, 'orders', 'process-crash')
  const streams = openStreams(database)
  streams.append('order-1', 0, makeOrder(1))
  database.sqlite.exec(`UPDATE events SET data = json_set(data, '$.cents', 0.5)`)
  await expect(rebuildByCustomer(database)).rejects.toThrow('cents')
  database.close()
})

test('an event is found by its id through an index, and by its type and key', async () => {
  const publisher = openPublisher({ folder, durability: 'process-crash' }, () => undefined)
  for (let number = 0; number < 20; number++) await publisher.placeOrder(makeOrder(number))
  const [found] = publisher.find('key', 'order-7', 10)
  const id = found?.[1] ?? ''
  expect(publisher.find('id', id, 10)).toEqual([found])
  expect(publisher.find('type', 'order-placed', 3).map(([position]) => position)).toEqual([20, 19, 18])
  expect(publisher.find('type', 'nobody-has-it', 3)).toEqual([])
  publisher.close()
  const { sqlite, close } = openDatabase(folder, 'orders', 'process-crash')
  const plan = sqlite.prepare('EXPLAIN QUERY PLAN SELECT position FROM outbox WHERE id = ?').get(id)
  expect(plan?.detail).toContain('USING COVERING INDEX outbox_id')
  close()
})

test('an event that is not valid is not published, and nothing of its transaction is written', () => {
  const database = openDatabase(folder, 'orders', 'process-crash')
  const { publish, find } = openOutbox(database)
  const cause = { correlationId: 'c', causationId: 'c', occurredAt: 1 }
  const bad = { ...makeOrder(2), cents: -1 } satisfies OrderPlaced
  const both = () =>
    database.transaction(() => {
      publish(orderPlaced, 'order-1', makeOrder(1), cause)
      publish(orderPlaced, 'order-2', bad, cause)
    })
  expect(both).toThrow('cents')
  expect(find('type', orderPlaced.name, 10)).toEqual([])
  database.close()
})

test('each order is handled once: one parcel, one event, and the checkpoint moves, also after a start in between', async () => {
  const place = { folder, durability: 'process-crash' } as const
  const handled = new Counter()
  const open = () => openSubscriber(place, 7, handled.add)
  const publisher = openPublisher(place, () => subscriber.wake())
  let subscriber = open()
  const placeAll = (from: number, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => publisher.placeOrder(makeOrder(from + index))))
  await placeAll(0, 30)
  await expect(publisher.placeOrder({ orderId: '' })).rejects.toThrow()
  await handled.atLeast(30)
  subscriber.close()
  subscriber = open()
  await placeAll(30, 20)
  await handled.atLeast(50)
  subscriber.close()
  publisher.close()
  const { sqlite, close } = openDatabase(folder, 'shipping', 'process-crash')
  const counts = `SELECT (SELECT count(*) FROM parcels) AS parcels, (SELECT count(*) FROM outbox) AS events,
    (SELECT position FROM checkpoints) AS position`
  expect(sqlite.prepare(counts).get()).toEqual({ parcels: 50, events: 50, position: 50 })
  expect(handled.count).toBe(50)
  close()
})
