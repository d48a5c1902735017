// The progress of a subscriber is one for all of its sources.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'The progress of a subscriber is one for all of its sources.',
  traps: ['inbox-race'],
  promises: ['P3'],
  file: 'packages/tidings/src/runtime/lane-state.ts',
  find: 'return `${this.subscriber}/${this.feed.source}`',
  replace: 'return this.subscriber',
  test: {
    file: 'packages/testing/test/promises/p3-inbox.test.ts',
    title:
      'P3 (memory, outbox read): events of two sources with the same ids, keys and positions are each handled once by each subscriber [trap: inbox-race]',
  },
}
