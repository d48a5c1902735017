// The hand-written process manager does the whole work: each order goes through its states and ends with one event; others change nothing.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeStep, stepNames } from '../fulfilment.ts'
import { makeFolder, removeFolder } from '../harness/folders.ts'
import { openFulfilment } from './fulfilment.ts'
import { openDatabase } from './open-database.ts'

let folder = ''
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => removeFolder(folder))

test('each order that is placed, paid and delivered ends with one event, even if events come twice or too early', async () => {
  const orders = Array.from({ length: 300 }, (_, number) => makeStep(number))
  const stray = [makeStep(9_999)]
  const expected = orders.length * 3 + 3
  let handled = 0
  const all = Promise.withResolvers<void>()
  const fulfilment = openFulfilment({ folder, durability: 'process-crash' }, () => {
    handled += 1
    if (handled === expected) setImmediate(all.resolve)
  })
  await fulfilment.report('delivered', stray)
  for (const step of stepNames) await fulfilment.report(step, orders)
  await fulfilment.report('delivered', orders.slice(0, 1))
  await fulfilment.report('placed', orders.slice(0, 1))
  await all.promise
  fulfilment.close()
  const { sqlite } = openDatabase(folder, 'fulfilment', 'process-crash')
  const counts = `SELECT (SELECT count(*) FROM instances WHERE state = 'fulfilled') AS fulfilled,
    (SELECT count(*) FROM instances) AS instances, (SELECT count(*) FROM outbox) AS events,
    (SELECT position FROM checkpoints) AS position`
  expect(sqlite.prepare(counts).get()).toEqual({ fulfilled: 300, instances: 300, events: 300, position: expected })
  sqlite.close()
})
