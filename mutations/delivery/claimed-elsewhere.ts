// A timer that was set anew after it had come due fires for what was set before.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A timer that was set anew after it had come due fires for what was set before.',
  traps: ['timers'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/agenda/agenda-feed.ts',
  find: "if (!('claimed' in kept) || kept.claimed !== position) return false",
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p3-due-once.test.ts',
    title:
      'P3 (memory, outbox read): a timer that is cancelled or set anew after it has come due does not fire for what was set before [trap: timers]',
  },
}
