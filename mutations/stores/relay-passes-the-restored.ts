// After a restore the relay goes on behind what was lost.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'After a restore the relay goes on behind what was lost.',
  traps: ['restored-store'],
  promises: ['P2'],
  file: 'packages/tidings/src/runtime/relay-outbox.ts',
  find: 'return published.position < kept ? published.position : kept',
  replace: 'return published.position',
  test: {
    file: 'packages/testing/test/promises/p2-epochs.test.ts',
    title:
      'P2 (memory, relayed): a restored publisher that publishes before its relay comes through loses nothing of it [trap: restored-store]',
  },
}
