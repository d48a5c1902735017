// What a function has read is not checked when it commits.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What a function has read is not checked when it commits.',
  traps: ['inbox-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/unit-of-work.ts',
  find: "if (typeof from === 'number') checks.push({ table, key, revision: from })",
  replace: '',
  test: {
    file: 'packages/testing/test/promises/p3-at-once.test.ts',
    title:
      'P3 (memory, outbox read): commands and handlers that change the same row at once leave the effect of each [trap: inbox-race]',
  },
}
