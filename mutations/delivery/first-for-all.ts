// The first of a batch that runs one by one moves the progress to the end of the batch.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The first of a batch that runs one by one moves the progress to the end of the batch.',
  traps: ['progress-too-far'],
  promises: ['P2'],
  file: 'packages/tidings/src/runtime/deliver-batch.ts',
  find: 'const position = index === fresh.length - 1 ? next : delivery.position',
  replace: 'const position = next',
  test: {
    file: 'packages/testing/test/promises/p2-progress.test.ts',
    title:
      'P2 (memory, outbox read): reads that fail, are cut off or filtered, and commits that fail, move no progress past what was not handled [trap: progress-too-far]',
  },
}
