// A write-ahead log is not moved into its database until a commit has to wait for it.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A write-ahead log is not moved into its database until a commit has to wait for it.',
  traps: ['stuck-reader'],
  promises: ['P11'],
  file: 'drivers/sqlite/src/sqlite-checkpointer-worker.ts',
  find: 'runSoon(slot, file, intervalMs)',
  replace: 'runSoon(slot, file, 2 ** 30)',
  test: {
    file: 'drivers/sqlite/test/checkpointer.test.ts',
    title:
      'P11: pages move into the database behind the commits, without a checkpoint by the writer [trap: stuck-reader]',
  },
}
