// A number beyond 2^53 is carried, rounded.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A number beyond 2^53 is carried, rounded.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/json.ts',
  find: 'if (Number.isInteger(value) && !Number.isSafeInteger(value))',
  replace: 'if (Number.isNaN(value))',
  test: {
    file: 'packages/testing/test/promises/p11-doors.test.ts',
    title: 'P11 (memory, outbox read): bad input gets its code at the door, and nothing else happens [trap: payloads]',
  },
}
