// What is held is not kept in the store.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What is held is not kept in the store.',
  traps: ['order-lost'],
  promises: ['P4'],
  file: 'packages/tidings/src/runtime/held-events.ts',
  find: 'unit.putDocument(systemTables.held, `${this.#prefix}${held.position}`, held)',
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p4-order-per-key.test.ts',
    title:
      'P4 (memory, outbox read): a held key keeps its order through kills and restarts, while others flow [trap: order-lost]',
  },
}
