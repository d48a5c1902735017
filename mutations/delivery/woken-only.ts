// A lane looks for events only when it is woken.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A lane looks for events only when it is woken.',
  traps: [],
  promises: ['P2'],
  file: 'packages/tidings/src/runtime/subscription.ts',
  find: 'const delayMs = pausedMs > 0 ? pausedMs : Math.min(pollMs, dueMs)',
  replace: 'const delayMs = pausedMs > 0 ? pausedMs : dueMs === pollMs ? 3_600_000 : dueMs',
  test: {
    file: 'packages/testing/test/promises/p2-nothing-lost.test.ts',
    title: 'P2 (memory, outbox read): every wake-up is lost: the slow poll finds the event within pollMs',
  },
}
