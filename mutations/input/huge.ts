// A payload may be as large as it likes.
import type { Mutation } from '../mutation.ts'

export const mutation: Mutation = {
  effect: 'A payload may be as large as it likes.',
  traps: ['payloads'],
  promises: ['P11'],
  file: 'packages/tidings/src/contracts/json.ts',
  find: '    text.length > limits.payloadBytesMax ||\n    (text.length * 3 > limits',
  replace: '    text.length === 0 ||\n    (text.length * 0 > limits',
  test: {
    file: 'packages/testing/test/promises/p11-doors.test.ts',
    title: 'P11 (memory, outbox read): bad input gets its code at the door, and nothing else happens [trap: payloads]',
  },
}
