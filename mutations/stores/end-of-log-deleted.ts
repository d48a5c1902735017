// The last event of a log can be deleted, and its position is given out again.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The last event of a log can be deleted, and its position is given out again.',
  traps: ['position-reuse'],
  promises: ['P2'],
  file: 'drivers/sqlite/src/sqlite-schema.ts',
  find: 'WHEN OLD.position = (SELECT max(position) FROM tidings_log)',
  replace: 'WHEN false',
  test: {
    file: 'drivers/sqlite/test/log.test.ts',
    title:
      'the last event and the last fact cannot be deleted, so no position is given out again [trap: position-reuse]',
  },
}
