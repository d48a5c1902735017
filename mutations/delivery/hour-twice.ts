// A time of day that comes twice, when a clock is turned back, is due twice.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A time of day that comes twice, when a clock is turned back, is due twice.',
  traps: ['timers'],
  promises: ['P3'],
  file: 'packages/tidings/src/contracts/cron.ts',
  find: '(flowing ? (skipped ? [] : instants) : instants.slice(0, 1))',
  replace: '(flowing ? (skipped ? [] : instants) : instants)',
  test: {
    file: 'packages/testing/test/hostile/times.test.ts',
    title: 'a clock that is put forward or turned back neither loses nor doubles an occurrence [trap: timers]',
  },
}
