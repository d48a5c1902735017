// New events of a key run although an earlier one is held.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'New events of a key run although an earlier one is held.',
  traps: ['order-lost'],
  promises: ['P4'],
  file: 'packages/tidings/src/runtime/deliver-batch.ts',
  find: 'const runnable = free ? deliveries : deliveries.filter((delivery) => !lane.holds(delivery.key))',
  replace: 'const runnable = deliveries',
  test: {
    file: 'packages/testing/test/promises/p4-order-per-key.test.ts',
    title: 'P4 (memory, outbox read): retries keep the order of their key [trap: order-lost]',
  },
}
