// The hand-written process managers do the whole work: each order goes through its states and ends with one event; others change nothing.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeStep, stepNames } from '../fulfilment.ts'
import { Counter } from '../harness/counter.ts'
import { makeFolder, removeFolder } from '../harness/folders.ts'
import { type OpenInstances, openFulfilment } from './fulfilment.ts'
import { openRows } from './instances-as-rows.ts'
import { openHistory } from './instances-with-history.ts'
import { openDatabase } from './open-database.ts'

let folder = ''
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => removeFolder(folder))

const orderCount = 300

/** Lets orders go through their steps, some of them twice or too early; returns the number of inputs. */
async function fulfil(openInstances: OpenInstances): Promise<number> {
  const orders = Array.from({ length: orderCount }, (_, number) => makeStep(number))
  const handled = new Counter()
  const fulfilment = openFulfilment({ folder, durability: 'process-crash' }, openInstances, handled.add)
  await fulfilment.report('delivered', orders.slice(0, 1))
  for (const step of stepNames) await fulfilment.report(step, orders)
  await fulfilment.report('delivered', orders.slice(0, 1))
  await fulfilment.report('placed', orders.slice(0, 1))
  const inputs = orderCount * 3 + 3
  await handled.atLeast(inputs)
  fulfilment.close()
  return inputs
}

test.each([
  ['a row of state', openRows],
  ['facts and history', openHistory],
])('with %s, each order that is placed, paid and delivered ends with one event', async (_, openInstances) => {
  const position = await fulfil(openInstances)
  const { sqlite, close } = openDatabase(folder, 'fulfilment', 'process-crash')
  const counts = `SELECT (SELECT count(*) FROM instances WHERE state = 'fulfilled' AND cents = paid_cents) AS fulfilled,
    (SELECT count(*) FROM instances) AS instances, (SELECT count(*) FROM outbox) AS events,
    (SELECT position FROM checkpoints) AS position`
  const each = orderCount
  expect(sqlite.prepare(counts).get()).toEqual({ fulfilled: each, instances: each, events: each, position })
  close()
})

test('the history shows each input, what it led to, and the facts that make the state', async () => {
  await fulfil(openHistory)
  const { sqlite, close } = openDatabase(folder, 'fulfilment', 'process-crash')
  const { orderId } = makeStep(0)
  const steps = sqlite.prepare('SELECT number, input, facts, published FROM steps WHERE order_id = ? ORDER BY number')
  expect(steps.all(orderId).map((row) => Object.values(row))).toEqual([
    [1, 'delivered', '[]', '[]'],
    [2, 'placed', '["started"]', '[]'],
    [3, 'paid', '["paid"]', '[]'],
    [4, 'delivered', '["ended"]', '["order-fulfilled"]'],
    [5, 'delivered', '[]', '[]'],
    [6, 'placed', '[]', '[]'],
  ])
  const facts = sqlite.prepare('SELECT number, type, data FROM facts WHERE order_id = ? ORDER BY number')
  expect(facts.all(orderId).map((row) => Object.values(row))).toEqual([
    [2, 'started', '{"cents":1000}'],
    [3, 'paid', '{"cents":1000}'],
    [4, 'ended', '{}'],
  ])
  close()
})
