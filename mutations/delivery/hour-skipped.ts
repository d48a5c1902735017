// What was due in the hour that a clock passes over does not come.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What was due in the hour that a clock passes over does not come.',
  traps: ['timers'],
  promises: ['P3'],
  file: 'packages/tidings/src/contracts/cron.ts',
  find: '(flowing ? (skipped ? [] : instants) : instants.slice(0, 1))',
  replace: '(skipped ? [] : flowing ? instants : instants.slice(0, 1))',
  test: {
    file: 'packages/testing/test/promises/p3-timers.test.ts',
    title:
      'P3 (memory, outbox read): what comes every day comes once on the days when clocks are changed [trap: timers]',
  },
}
