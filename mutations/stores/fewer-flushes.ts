// A commit that is said to outlive a power cut is not waited for.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A commit that is said to outlive a power cut is not waited for.',
  traps: ['fsync'],
  promises: ['P2'],
  file: 'drivers/sqlite/src/sqlite-connection.ts',
  find: "'power-loss': { name: 'FULL', number: 2 }",
  replace: "'power-loss': { name: 'NORMAL', number: 1 }",
  test: {
    file: 'drivers/sqlite/test/durability.test.ts',
    title:
      'durability power-loss > is set on every open: a new file, the same again, and one that only reads [trap: fsync]',
  },
}
