// A timer that was cancelled after it had come due fires.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A timer that was cancelled after it had come due fires.',
  traps: ['timers'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/agenda/agenda-feed.ts',
  find: 'if (row === undefined) return false',
  replace: 'if (row === undefined) return true',
  test: {
    file: 'packages/testing/test/promises/p3-due-once.test.ts',
    title:
      'P3 (memory, outbox read): a timer that is cancelled or set anew after it has come due does not fire for what was set before [trap: timers]',
  },
}
