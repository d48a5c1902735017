// A payload may be nested as deep as it likes.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A payload may be nested as deep as it likes.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/json.ts',
  find: 'if (depthLeft === 0) {',
  replace: 'if (depthLeft === Number.NEGATIVE_INFINITY) {',
  test: {
    file: 'packages/testing/test/promises/p11-doors.test.ts',
    title: 'P11 (memory, outbox read): bad input gets its code at the door, and nothing else happens [trap: payloads]',
  },
}
