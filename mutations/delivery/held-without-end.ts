// The list of held events has no end.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The list of held events has no end.',
  traps: ['poison'],
  promises: ['P5'],
  file: 'packages/tidings/src/runtime/subscription.ts',
  find: 'if (lane.held.count >= heldCountMax) {',
  replace: 'if (lane.held.count < 0) {',
  test: {
    file: 'packages/testing/test/promises/p5-poison.test.ts',
    title:
      'P5 (memory, outbox read): a full list of held events pauses the subscription, and a redrive lets it go on [trap: poison]',
  },
}
