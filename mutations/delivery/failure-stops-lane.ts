// A handler that throws stops its whole lane.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A handler that throws stops its whole lane.',
  traps: ['poison', 'payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/runtime/run-deliveries.ts',
  find: '      error = caught\n      break',
  replace: '      throw caught',
  test: {
    file: 'packages/testing/test/hostile/envelopes.test.ts',
    title:
      'P11 (memory, outbox read): an event with any envelope is handled, or held with its key, and wedges nobody [trap: payloads, poison]',
  },
}
