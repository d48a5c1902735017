// What a reader of a live query does not take piles up.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What a reader of a live query does not take piles up.',
  traps: ['stuck-reader'],
  promises: ['P11'],
  file: 'packages/tidings/src/runtime/live-reader.ts',
  find: 'if (this.#items.length > 0 && this.#bytes + item.bytes > this.#bytesMax) this.miss()',
  replace: 'if (item.bytes < 0) this.miss()',
  test: {
    file: 'packages/testing/test/live/live-queries.test.ts',
    title:
      'Live queries (memory, outbox read): a reader that does not take what it is given gets a snapshot, and its bytes are bounded [trap: stuck-reader]',
  },
}
