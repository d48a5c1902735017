// That an event was handled is forgotten after a week.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'That an event was handled is forgotten after a week.',
  traps: ['inbox-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/deliver-batch.ts',
  find: 'const fresh = deliveries.filter((delivery) => delivery.position > lane.progress.position)',
  replace:
    'const weekAgo = lane.core.host.clock.now() - 604_800_000\n  const fresh = deliveries.filter((delivery) => delivery.position > lane.progress.position || delivery.recordedAt < weekAgo)',
  test: {
    file: 'packages/testing/test/promises/p3-inbox.test.ts',
    title:
      'P3 (memory, outbox read): what is handed out again, or redriven, years after it was handled is known to be handled [trap: inbox-race]',
  },
}
