// What an event causes is committed without the progress of who has handled it.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What an event causes is committed without the progress of who has handled it.',
  traps: ['dual-write'],
  promises: ['P1'],
  file: 'packages/tidings/src/runtime/deliver-batch.ts',
  find: 'lane.stage(batch, progress)',
  replace: 'lane.stage(batch, lane.progress)',
  test: {
    file: 'packages/testing/test/promises/p1-atomic.test.ts',
    title:
      'P1 (memory, outbox read): killed right before or after its commit, an event has caused nothing or all, once [trap: dual-write]',
  },
}
