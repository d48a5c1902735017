// A restored store keeps the epoch of its backup.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A restored store keeps the epoch of its backup.',
  traps: ['restored-store'],
  promises: ['P2'],
  file: 'drivers/sqlite/src/sqlite-restore.ts',
  find: "writeMeta(database, 'epoch', ids.next())",
  replace: 'ids.next()',
  test: {
    file: 'drivers/sqlite/test/backup.test.ts',
    title: 'P2: a restored publisher has a new epoch and names what it kept of the old one [trap: restored-store]',
  },
}
