// What a function has listed is not checked when it commits.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect:
    'A function that has listed rows, or found them by an index, decides on what they were before others changed them.',
  traps: ['inbox-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/unit-of-work.ts',
  find: 'if (this.#pending(table, key) === undefined) this.#recordRead(table, key, revision)',
  replace: 'if (table === key) this.#recordRead(table, key, revision)',
  test: {
    file: 'packages/testing/test/promises/p3-reads.test.ts',
    title:
      'P3 (memory, outbox read): whoever has read many rows decides on what they are when it commits [trap: inbox-race]',
  },
}
