// The later events of a batch run although an earlier one of their key has failed.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The later events of a batch run although an earlier one of their key has failed.',
  traps: ['order-lost'],
  promises: ['P4'],
  file: 'packages/tidings/src/runtime/run-deliveries.ts',
  find: "if (ran.outcome === 'failed') blocked.add(delivery.key)",
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p4-order-per-key.test.ts',
    title:
      'P4 (memory, outbox read): in one batch, too: the later events of a key wait behind one that fails [trap: order-lost]',
  },
}
