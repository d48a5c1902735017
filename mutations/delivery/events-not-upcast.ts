// Handlers get old events as they were published.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Handlers get old events as they were published.',
  traps: ['upcaster'],
  promises: ['P8'],
  file: 'packages/tidings/src/runtime/reactions.ts',
  find: 'if (event.version === contract.chain.latest.version) return data',
  replace: 'if (event.version <= contract.chain.latest.version) return data',
  test: {
    file: 'packages/testing/test/promises/p8-evolvable.test.ts',
    title: 'P8 (memory, outbox read): a parked event is upcast when it is redriven [trap: upcaster]',
  },
}
