// A store can be opened for writing twice.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A store can be opened for writing twice.',
  traps: ['zombie'],
  promises: ['P3'],
  file: 'drivers/sqlite/src/sqlite-lock.ts',
  find: "database.exec('COMMIT; BEGIN IMMEDIATE')",
  replace: "database.exec('COMMIT')",
  test: {
    file: 'packages/testing/test/promises/p3-once-in-effect.test.ts',
    title: 'P3 (SQLite): a second writer for one store is refused [trap: zombie]',
  },
}
