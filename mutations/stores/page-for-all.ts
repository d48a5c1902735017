// A page says that it reaches to the end, although it was cut off.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A page says that it reaches to the end, although it was cut off.',
  traps: ['progress-too-far'],
  promises: ['P2'],
  file: 'packages/tidings/src/memory/memory-positions.ts',
  find: 'next: seen.at(-1)?.position ?? after',
  replace: 'next: headOf(history)',
  test: {
    file: 'packages/testing/test/promises/p2-progress.test.ts',
    title:
      'P2 (memory, outbox read): reads that fail, are cut off or filtered, and commits that fail, move no progress past what was not handled [trap: progress-too-far]',
  },
}
