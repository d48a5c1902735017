// Events of one key run side by side.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Events of one key run side by side.',
  traps: ['order-lost'],
  promises: ['P4'],
  file: 'packages/tidings/src/runtime/run-deliveries.ts',
  find: 'if (chain === undefined) chains.set(key, [index])',
  replace: 'if (chain === undefined || chain.length > 0) chains.set(`${key}/${index}`, [index])',
  test: {
    file: 'packages/testing/test/promises/p4-order-per-key.test.ts',
    title: 'P4 (memory, outbox read): different keys run side by side, one key one after the other [trap: order-lost]',
  },
}
