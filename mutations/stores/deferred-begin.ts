// A commit takes the lock of its store only when it first writes, behind its reads.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A commit takes the lock of its store only when it first writes, behind its reads.',
  traps: ['busy-snapshot'],
  promises: ['P1'],
  file: 'drivers/sqlite/src/sqlite-group-commit.ts',
  find: "prepare(database, 'BEGIN IMMEDIATE')",
  replace: "prepare(database, 'BEGIN')",
  test: {
    file: 'drivers/sqlite/test/group-commit.test.ts',
    title:
      'Concurrency: who writes from outside comes before a commit or after it, never in between [trap: busy-snapshot]',
  },
}
