// What a function has written itself is found under any value of an index.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A function that looks for rows by an index is given what it has just written under another value.',
  traps: [],
  promises: ['P1'],
  file: 'packages/tidings/src/runtime/bind-tables.ts',
  find: 'if (column >= 0 && row.columns[column] !== query.index?.equals) continue',
  replace: 'if (column >= 0 && row.columns[column] === undefined) continue',
  test: {
    file: 'packages/testing/test/promises/p3-reads.test.ts',
    title:
      'P1 (memory, outbox read): a function sees what it has written itself as everybody does once it has committed',
  },
}
