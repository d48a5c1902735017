// A delivery leaves no record.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A delivery leaves no record.',
  traps: [],
  promises: ['P9'],
  file: 'packages/tidings/src/runtime/deliver-batch.ts',
  find: 'if (!lane.unrecorded) {',
  replace: 'if (lane.unrecorded) {',
  test: {
    file: 'packages/testing/test/promises/p9-explained.test.ts',
    title:
      'P9 (memory, outbox read): every delivery leaves a record: attempts, duration, outcome, and what holds it now',
  },
}
