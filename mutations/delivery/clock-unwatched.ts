// A clock that is put forward is not noticed.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A clock that is put forward is not noticed.',
  traps: ['timers'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/agenda/claim-due.ts',
  find: 'return Math.min(pollMs, Math.max(1,',
  replace: 'return Math.min(2 ** 31 - 1, Math.max(1,',
  test: {
    file: 'packages/testing/test/promises/p3-due-once.test.ts',
    title: 'P3 (memory, outbox read): a clock that jumps, forth and back, leaves a timer due once [trap: timers]',
  },
}
