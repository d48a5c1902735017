// What was read counts as seen before it is handled.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What was read counts as seen before it is handled.',
  traps: ['progress-too-far'],
  promises: ['P2'],
  file: 'packages/tidings/src/runtime/subscription.ts',
  find: 'const outcomes = await this.#lock(() => deliverBatch(lane, page.deliveries, page.next))',
  replace:
    'lane.seen = page.next\n    const outcomes = await this.#lock(() => deliverBatch(lane, page.deliveries, page.next))',
  test: {
    file: 'packages/testing/test/promises/p2-progress.test.ts',
    title:
      'P2 (memory, outbox read): reads that fail, are cut off or filtered, and commits that fail, move no progress past what was not handled [trap: progress-too-far]',
  },
}
