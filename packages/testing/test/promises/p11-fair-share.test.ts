// P11 Bounded: commands that take the thread do not starve the subscriptions beside them.

import { setImmediate as turn } from 'node:timers/promises'
import { defineCommand, defineEvent, defineService, defineTable } from 'tidings'
import { createManualClock, createSeededRandom, createSequentialIds, memoryDriver } from 'tidings/memory'
import { createSystem } from 'tidings/runtime'
import { expect, test } from 'vitest'
import { z } from 'zod'

const order = z.object({ orderId: z.string() })
const byOrder = ({ orderId }: z.infer<typeof order>) => orderId
const PlaceOrder = defineCommand('place-order', { input: order, key: byOrder })
const Placed = defineEvent('test.placed', { owner: 'orders', pattern: 'notification' }).version(1, order).key(byOrder)
const parcels = defineTable('parcels').version(1, order).key(byOrder)

test('P11: while commands take the thread in every round, their events are heard within a few rounds', async () => {
  const clock = createManualClock()
  const roundMs = 20
  const lags: number[] = []
  const orders = defineService('orders', { publishes: [Placed] })
  const shipping = defineService('shipping', { tables: { parcels } })
  const system = await createSystem({
    services: [
      orders.with({
        place: orders.command(PlaceOrder, { publishes: [Placed] }, (placed, { publish }) => publish(Placed, placed)),
      }),
      shipping.with({
        dispatch: shipping.on(Placed, (placed, { tables, event }) => {
          lags.push(clock.now() - new Date(event.recordedAt).getTime())
          tables.parcels.put(placed)
        }),
      }),
    ],
    driver: memoryDriver(),
    environment: {
      clock,
      ids: createSequentialIds(),
      random: createSeededRandom(1),
      // Nothing is due: only rounds of the event loop pass.
      timeouts: { after: () => () => {}, soon: (run) => void setImmediate(run) },
      log: () => {},
    },
  })
  const underWay: Promise<unknown>[] = []
  for (let round = 0; round < 200; round++) {
    for (const part of ['a', 'b', 'c'])
      underWay.push(system.service('orders').command('place-order', { orderId: `${part}${round}` }))
    clock.advance(roundMs)
    await turn()
  }
  await Promise.all(underWay)
  for (let round = 0; round < 200 && lags.length < 600; round++) await turn()
  expect(lags.length).toBe(600)
  expect(Math.max(...lags)).toBeLessThanOrEqual(10 * roundMs)
  await system.close()
})
