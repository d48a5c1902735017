// What a subscriber holds is kept by position alone, whatever the source.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What a subscriber holds is kept by position alone, whatever the source.',
  traps: ['inbox-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/held-events.ts',
  find: 'this.#prefix = `${subscriber}/${source}/`',
  replace: 'this.#prefix = `${subscriber}/`',
  test: {
    file: 'packages/testing/test/promises/p3-inbox.test.ts',
    title:
      'P3 (memory, outbox read): events of two sources with the same ids, keys and positions are each handled once by each subscriber [trap: inbox-race]',
  },
}
