// What a broker hands out a second time is handled a second time.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What a broker hands out a second time is handled a second time.',
  traps: ['inbox-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/deliver-batch.ts',
  find: 'const fresh = deliveries.filter((delivery) => delivery.position > lane.progress.position)',
  replace: 'const fresh = deliveries',
  test: {
    file: 'packages/testing/test/promises/p3-once-in-effect.test.ts',
    title: 'P3 (memory, outbox read): a broker that hands out events again causes nothing again [trap: inbox-race]',
  },
}
