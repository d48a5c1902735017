// An event that was handled stays held, and a redrive handles it again.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event that was handled stays held, and a redrive handles it again.',
  traps: ['inbox-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/retry-held.ts',
  find: 'lane.held.stageRemoval(unit, held)',
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p3-once-in-effect.test.ts',
    title:
      'P3 (memory, outbox read): a redrive that is killed at any commit, and done again, has one effect [trap: inbox-race]',
  },
}
