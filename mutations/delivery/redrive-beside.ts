// A redrive changes what a lane holds while the lane is at work.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A redrive changes what a lane holds while the lane is at work.',
  traps: ['replay-storm', 'poison'],
  promises: ['P3'],
  file: 'packages/tidings/src/operations/dead-letters.ts',
  find: 'await subscription.whileResting(async () => {',
  replace: 'await ((work: () => Promise<void>) => work())(async () => {',
  test: {
    file: 'packages/testing/test/promises/p3-replays.test.ts',
    title:
      'P3 (memory, outbox read): a storm of redrives, at once and again, has each effect once, in order, while more comes [trap: replay-storm, poison]',
  },
}
