// Nobody is told that a reader makes a store grow.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'Nobody is told that a reader makes a store grow.',
  traps: ['stuck-reader'],
  promises: ['P11'],
  file: 'drivers/sqlite/src/sqlite-checkpointer.ts',
  find: 'else if (!slot.warned) {',
  replace: 'else if (slot.warned) {',
  test: {
    file: 'drivers/sqlite/test/checkpointer.test.ts',
    title: 'P11: a WAL that a reader holds back is reported once [trap: stuck-reader]',
  },
}
