// A store whose positions no number can hold is opened.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A store whose positions no number can hold is opened.',
  traps: ['position-reuse'],
  promises: ['P11'],
  file: 'drivers/sqlite/src/sqlite-schema.ts',
  find: 'if (row?.[0] === 1)',
  replace: "if (row?.[0] === 'never')",
  test: {
    file: 'drivers/sqlite/test/schema.test.ts',
    title: 'a log beyond 2^53-1 is refused, for writing and for reading [trap: position-reuse]',
  },
}
