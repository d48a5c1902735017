// What a handler publishes names the cause of the event, not the event.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'What a handler publishes names the cause of the event, not the event.',
  traps: [],
  promises: ['P9'],
  file: 'packages/tidings/src/runtime/reactions.ts',
  find: 'causationId: event.id,',
  replace: 'causationId: event.causationId,',
  test: {
    file: 'packages/testing/test/promises/p9-explained.test.ts',
    title: 'P9 (memory, outbox read): from any event one walks to the command that began it and to all it led to',
  },
}
