// A commit that a store refuses on a retry is no failure of the event, and stops its lane.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'An event whose retry asks for what a store refuses is tried for ever, and everything behind it waits.',
  traps: ['poison'],
  promises: ['P5'],
  file: 'packages/tidings/src/runtime/retry-held.ts',
  find: "if (error instanceof Fenced || retryOf(error) === 'unavailable') throw error",
  replace: 'if (error instanceof Error) throw error',
  test: {
    file: 'packages/testing/test/promises/p5-poison.test.ts',
    title:
      'P5 (memory, outbox read): what a store refuses of one event is that event’s failure, also on a retry: counted, parked, redriven [trap: poison]',
  },
}
