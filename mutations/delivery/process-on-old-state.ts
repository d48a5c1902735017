// Two who run side by side in a batch decide on the same state.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Two who run side by side in a batch decide on the same state.',
  traps: ['process-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/unit-of-work.ts',
  find: 'if (!this.#allows(unit)) return false',
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p3-process-races.test.ts',
    title:
      'P3 (memory, outbox read): inputs of one process at once decide one after the other, and say, ask and do once what they say, ask and do [trap: process-race]',
  },
}
