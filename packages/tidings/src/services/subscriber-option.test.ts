// An option under its old name is refused: if it were ignored, the handler would silently move to another subscriber.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineEvent, fact } from '../contracts/index.ts'
import { defineService } from './service.ts'

const OrderPlaced = defineEvent('test.order-placed', { owner: 'orders', pattern: 'notification' })
  .version(1, z.object({ orderId: z.string() }))
  .key(({ orderId }) => orderId)
const service = defineService('shipping')
const old: object = { lane: 'parcels' }

test.each([
  ['a handler', 'A handler of test.order-placed in shipping', () => service.on(OrderPlaced, { ...old }, () => {})],
  [
    'a handler of retractions',
    'A handler of test.order-placed in shipping',
    () => service.onRetracted(OrderPlaced, { ...old }, () => {}),
  ],
  [
    'a process',
    'Process payment of shipping',
    () =>
      service.process('payment', {
        ...old,
        facts: { paid: fact(z.object({})) },
        initialState: () => ({}),
        evolve: { paid: (state) => state },
      }),
  ],
])('%s with the option lane is refused with its new name', (_what, name, declare) => {
  expect(declare).toThrow(
    expect.objectContaining({
      code: 'INVALID_CONTRACT',
      message: `${name} has the option lane, which is now called subscriber.`,
    }),
  )
})
