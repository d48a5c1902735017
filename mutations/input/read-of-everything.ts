// A read may ask for all the rows there are.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A read may ask for all the rows there are.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/runtime/bind-tables.ts',
  find: 'limit < 1 || limit > readLimitMax',
  replace: 'limit < 1',
  test: {
    file: 'packages/testing/test/promises/p11-doors.test.ts',
    title: 'P11 (memory, outbox read): bad input gets its code at the door, and nothing else happens [trap: payloads]',
  },
}
