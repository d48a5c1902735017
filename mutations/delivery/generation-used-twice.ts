// The number of a generation that was given up is used again.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A rebuild fills tables of a number that was begun before, and that somebody may still take away.',
  traps: ['zombie'],
  promises: ['P7'],
  file: 'packages/tidings/src/runtime/rebuild-read-model.ts',
  find: 'Math.max(state.generation, state.begun ?? 0)',
  replace: 'state.generation',
  test: {
    file: 'packages/testing/test/promises/p7-rebuildable.test.ts',
    title:
      'P7 (memory, outbox read): a process that was paused while it took away what it gave up takes nothing from its successor [trap: zombie]',
  },
}
